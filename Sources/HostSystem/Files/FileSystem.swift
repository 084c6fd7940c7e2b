// SPDX-License-Identifier: Apache-2.0
import Core

/// A whole file system.
public struct FileSystem: Sendable {
    private let runner: ProgramRunner

    /// File systems, asked by programs.
    public init(runner: ProgramRunner = ProgramRunner()) {
        self.runner = runner
    }

    /// Returns when everything on the file system that holds `path` is on the disk (syncfs(2)).
    ///
    /// For folders of many files: dearer than one fsync, and cheaper than thousands.
    public func sync(_ path: String) async throws {
        _ = try await runner.run(Program("sync", ["--file-system", path], deadline: .seconds(300)))
            .checked(doing: "writing \(path) to the disk")
    }
}
