// SPDX-License-Identifier: Apache-2.0
import Core
import Foundation
import HostSystem

/// Knows what of a control plane's files is on the disk and not only in memory, and sets its clock; see `witness.c`.
struct Witness: Sendable {
    private let folder: String
    private let runner = ProgramRunner()

    /// Makes one that keeps what it knows in a folder.
    init(in folder: String) async throws {
        self.folder = folder
        try Folder.make("\(folder)/seen")
        try Folder.make("\(folder)/bin")
        _ =
            try await runner.run(
                Program("clang", ["-shared", "-fPIC", "-O1", "-o", library, "\(Self.sources)/witness.c"])
            )
            .checked(doing: "compiling witness.c")
        // git gets none of the control plane's variables.
        let git = try ExecutablePath.find("git")
        let variables = variables.map { "\($0.key)='\($0.value)'" }.joined(separator: " ")
        try DurableFile.write(
            "#!/bin/sh\nexec env \(variables) \(git) \"$@\"\n",
            to: "\(folder)/bin/git",
            mode: 0o755,
        )
    }

    private static var sources: String { "\(Stage.package)/Tests/Fixtures/witness" }
    private var library: String { "\(folder)/witness.so" }
    private var variables: [String: String] { ["LD_PRELOAD": library, "WITNESS": "\(folder)/seen"] }

    /// What a program that is watched has in its environment.
    var environment: [String: String] {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
        return variables.merging(["PATH": "\(folder)/bin:\(path)"]) { $1 }
    }

    /// Takes from files below a folder what was not on the disk; nothing may run in it.
    ///
    /// - Parameters:
    ///   - home: The folder.
    ///   - number: 0 takes it from every file, every other number from another half of them.
    /// - Returns: What was lost, file by file.
    /// - Throws: When the program that does it fails.
    func cutPower(in home: String, number: Int) async throws -> String {
        try await runner.run(
            Program("python3", ["\(Self.sources)/power_cut.py", home, "\(folder)/seen", "\(number)"])
        )
        .checked(doing: "cutting the power").output
    }

    /// From now on the time of day is this far ahead of the machine's, or behind it.
    func setClock(ahead: Duration) throws {
        try DurableFile.write("\(ahead.components.seconds)\n", to: "\(folder)/seen/clock")
    }
}
