// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// The files that OpsHub writes into a bare repository beside git's own.
struct RepositoryFiles: Hashable, Sendable {
    /// The program that decides on pushes, absolute; nil lets git accept them all.
    let hookProgram: String?

    /// Settings, in a file of their own that `config` includes, so that what people set there stays.
    ///
    /// Objects are never pruned: a release may be of a commit that was since pushed away. Pushed objects are checked,
    /// but for three harmless faults that old histories are full of (the same ones that Gitaly lets pass). Everything is on
    /// the disk before a push is told that it was taken: git's own default leaves single objects and branches to chance.
    var configuration: String {
        """
        # Written by OpsHub; what is changed here is lost. Use the file 'config' beside it.
        [core]
            fsync = all
        [http]
            receivepack = true
        [receive]
            advertisePushOptions = true
            denyDeleteCurrent = ignore
            fsckObjects = true
        \(hookProgram == nil ? "" : "    procReceiveRefs = refs/heads\n")\
        [receive "fsck"]
            badTimezone = ignore
            missingSpaceBeforeDate = ignore
            zeroPaddedFilemode = ignore
        [fetch "fsck"]
            badTimezone = ignore
            missingSpaceBeforeDate = ignore
            zeroPaddedFilemode = ignore
        [uploadpack]
            allowReachableSHA1InWant = true
        [gc]
            pruneExpire = never
            cruftPacks = true

        """
    }

    /// `hooks/proc-receive`, which git asks what becomes of a push (githooks(5)).
    func hook(_ program: String) -> String {
        "#!/bin/sh\nexec \(ShellWord.quoted(program)) git-hook\n"
    }

    /// Writes what differs.
    func write(to repository: String) throws {
        try write(configuration, to: "\(repository)/opshub.config", mode: 0o644)
        guard let hookProgram else { return }
        try Folder.make("\(repository)/hooks", mode: 0o755)
        try write(hook(hookProgram), to: "\(repository)/hooks/proc-receive", mode: 0o755)
    }

    private func write(_ text: String, to path: String, mode: UInt32) throws(Failure) {
        guard try FileContent.text(of: path) != text else { return }
        try DurableFile.write(text, to: path, mode: mode)
    }
}
