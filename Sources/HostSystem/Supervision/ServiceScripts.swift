// SPDX-License-Identifier: Apache-2.0
import Core

/// The texts of a service folder's scripts: pure, so that tests can read them.
struct ServiceScripts: Hashable {
    /// The variable that marks everything a supervised program starts; its value is the service folder.
    static let mark = "OPSHUB_SUPERVISED"

    /// What is supervised.
    let program: SupervisedProgram
    /// Absolute path of chpst(8).
    let chpst: String
    /// Absolute path of svlogd(8).
    let svlogd: String
    /// Variables that carry a guard (``VariableFile/hasGuard``).
    let guarded: [String]
    /// Whether the user must be changed.
    let changesUser: Bool

    /// Starts the program: in a session of its own, whose beginning is written down, with nothing of the supervisor's.
    var run: String {
        """
        #!/bin/sh
        # Written by OpsHub; what is changed here is lost when the program is replaced.
        exec 2>&1
        umask 027
        read -r boot </proc/sys/kernel/random/boot_id
        read -r stat </proc/$$/stat
        echo "$boot $$ ${stat##*) }" >session
        cd \(ShellWord.quoted(program.directory)) || exit 111
        exec \(launch.map(ShellWord.quoted).joined(separator: " "))

        """
    }

    /// Counts how the program ended, if nobody asked it to, and ends what it left behind so that it can start again.
    static var finish: String {
        """
        #!/bin/sh
        # $1: what ./run returned, or -1 when a signal ended it; $2: that signal, or 0.
        read -r stat <supervise/stat
        case "$stat" in *want*) exit 0 ;; esac
        read -r boot session rest <session && kill -s KILL -- "-$session" 2>/dev/null
        last=$(tail -n 1 exits 2>/dev/null)
        {
            tail -n 19 exits 2>/dev/null
            echo "$((${last%% *} + 1)) $(date +%s) $1 $2"
        } >exits.partial && mv exits.partial exits

        """
    }

    /// Asks the program to end; nil when runsv's own way is the right one.
    ///
    /// When it fails, runsv sends TERM itself.
    var terminate: String? {
        switch (program.stop.reach, program.stop.signal) {
        case (.program, .terminate): nil
        case (.program, let signal): script("kill -s \(signal.rawValue) \"$process\"")
        case (.group, let signal): script("kill -s \(signal.rawValue) -- \"-$process\"")
        }
    }

    /// Writes what the program says into files.
    ///
    /// A file is put aside between two lines as long as those are no longer than `-l`, which may be half a file at most.
    func logRun(_ log: SupervisedProgram.Log) -> String {
        let longest = min(65_536, max(1000, log.fileSize.bytes / 2))
        let words =
            log.writer.map {
                $0 + [log.folder, "--file-size", "\(log.fileSize.bytes)", "--kept-files", "\(log.keptFiles)"]
            } ?? [svlogd, "-tt", "-l", "\(longest)", "-b", "\(2 * longest)", log.folder]
        return "#!/bin/sh\nexec \(words.map(ShellWord.quoted).joined(separator: " "))\n"
    }

    /// svlogd's own configuration: size and number of files; old ones go first when the disk is full.
    func logConfiguration(_ log: SupervisedProgram.Log) -> String {
        "s\(log.fileSize.bytes)\nn\(log.keptFiles)\n" + (log.keptFiles > 1 ? "N1\n" : "")
    }

    private var launch: [String] {
        var words = [chpst, "-P", "-e", "\(program.folder)/env"]
        if changesUser, let user = program.user { words += ["-u", ":\(user.userID):\(user.groupID)"] }
        if let files = program.limits.openFiles { words += ["-o", "\(files)"] }
        if let memory = program.limits.memory { words += ["-d", "\(memory.bytes)"] }
        return words + ["--"] + unguarding + program.command
    }

    private var unguarding: [String] {
        guard !guarded.isEmpty else { return [] }
        let steps = guarded.map { "\($0)=${\($0)%.}; export \($0); " }.joined()
        return ["/bin/sh", "-c", steps + "exec \"$@\"", "sh"]
    }

    private func script(_ command: String) -> String {
        "#!/bin/sh\nread -r process <supervise/pid && \(command)\n"
    }
}
