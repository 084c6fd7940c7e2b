// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// GNU tar, which packs and unpacks folders.
struct Tar {
    /// Who runs it.
    let user: SystemUser
    /// How long it may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    var isBackground = false

    private static let required = RequiredProgram(
        "GNU tar",
        Program("tar", ["--version"]),
        // --sort
        oldest: [1, 28],
        package: "tar",
    )

    /// The version that is installed.
    static func version() async throws -> String {
        // `tar (GNU tar) 1.34` has no word `version` before its number.
        let result = try await ProgramRunner().run(required.call).checked(doing: "asking tar for its version")
        let line = result.output.prefix { !$0.isNewline }
        let version = line.split(separator: " ").last.map(String.init) ?? ""
        let numbers = version.split { !$0.isNumber }.compactMap { Int($0) }
        guard line.contains("GNU tar"), !numbers.lexicographicallyPrecedes(required.oldest) else {
            throw Failure(
                .missingProgram,
                "the tar that is installed is not GNU tar 1.28 or newer: \(line)",
                hint: "apt-get install tar",
            )
        }
        return version
    }

    /// Packs a folder, in the order of names.
    ///
    /// - Parameters:
    ///   - folder: The folder.
    ///   - sink: Gets the archive.
    /// - Returns: What was in it, and what changed or went while it was read.
    /// - Throws: `backup-failed` when something in it can't be read.
    func pack(
        _ folder: String,
        into sink: @escaping DumpSink = { _ in },
    ) async throws -> (TarContents, remarks: [String]) {
        let digest = TarDigest()
        let result = try await StreamedProgram(program: packing(folder))
            .stream { bytes in
                try await sink(bytes)
                try await digest.read(bytes)
            }
        // 1: files changed while they were read; what is in the archive is whole.
        guard result.isSuccess || result.ending == .exited(1) else {
            _ = try result.checked(.backupFailed, doing: "packing \(folder)")
            throw Failure(.unexpected, "packing \(folder) failed")
        }
        return (try await digest.finish(), try Self.remarks(result.errors, in: folder))
    }

    /// Unpacks into an empty folder what `feed` hands over; everything belongs to ``user``, and nobody else gets into the folder.
    ///
    /// - Throws: `backup-failed` when it can't be unpacked; another error where that says nothing against it.
    func unpack(
        into folder: String,
        from feed: DumpFeed,
    ) async throws {
        let program = program(
            [
                "--extract", "--preserve-permissions", "--no-same-owner", "--delay-directory-restore",
                "--file=-",
            ],
            in: folder,
        )
        let (result, tookAll) = try await StreamedProgram(program: program).feed { try await feed($0) }
        try Folder.setMode(0o700, of: folder)
        guard !result.isSuccess || !tookAll else { return }
        if case .signalled = result.ending {
            throw Failure(.programFailed, "tar was \(result.endingInWords)", isRetryable: true)
        }
        let machine = ["No space left on device", "Disk quota exceeded", "Cannot allocate memory"]
        if let found = machine.first(where: { result.errors.contains($0) }) {
            throw Failure(
                found == machine[2] ? .programFailed : .diskFull,
                "tar gave up: \(found)",
                hint: "this says nothing against the backup",
                isRetryable: true,
            )
        }
        throw Failure(
            .backupFailed,
            "tar refused the archive: \(result.errors.lastLines(1).first ?? "it stopped reading before the end")",
            hint: "keep it for a look, and make another one: opshub backup create",
            evidence: ["$ \(program)"] + result.errors.lastLines(20),
        )
    }

    private func packing(_ folder: String) -> Program {
        program(
            [
                "--create", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--sort=name",
                // What runs as its owner must not, wherever it is unpacked.
                "--mode=u-s,g-s", "--owner=0", "--group=0", "--numeric-owner", "--blocking-factor=128",
                // Names as they are in what it says, and not a line for each of a thousand files that came and went.
                "--quoting-style=literal", "--warning=no-file-removed", "--file=-", ".",
            ],
            in: folder,
        )
    }

    /// Begun in the folder, which its account may not be able to find; without the caller's variables, of which `TAR_OPTIONS` would
    /// change what it does.
    private func program(_ arguments: [String], in folder: String) -> Program {
        var program = Program(
            "tar",
            arguments,
            in: folder,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: user,
            deadline: deadline,
        )
        program.isBackground = isBackground
        return program
    }

    /// What tar says of files that changed; that something came into a folder meanwhile is no news.
    private static func remarks(_ errors: String, in folder: String) throws(Failure) -> [String] {
        var remarks: [String] = []
        for line in errors.split(separator: "\n") {
            guard let path = line.firstRange(of: "tar: ./").map({ line[$0.upperBound...] }),
                let end = path.firstRange(of: ": ")
            else { continue }
            let name = String(path[..<end.lowerBound])
            if line.hasSuffix("file changed as we read it") || line.contains("File shrank") {
                guard try FileStatus.of("\(folder)/\(name)")?.isFolder != true else { continue }
                remarks.append("\(name) was written to while it was read: it may be half old, half new")
            } else if line.contains("socket ignored") {
                remarks.append("\(name) is a socket, which is not kept")
            }
        }
        guard remarks.count > most else { return remarks }
        return remarks.prefix(most) + ["and \(remarks.count - most) more"]
    }

    private static let most = 20
}
