// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem

/// Homes that tests begin with a copy of, because git starts a dozen processes to make one. Removed when the last test
/// that uses them has ended.
actor TestTemplate {
    /// Those of this process.
    static let shared = TestTemplate()

    private let folder = "/tmp/opshub-git-template-\(getpid())"
    private var users = 0
    private var making: Task<CommitID, any Error>?

    /// Copies the home with one commit in it, or the empty one, and returns that commit.
    func copy(to root: String, isEmpty: Bool) async throws -> CommitID {
        users += 1
        if making == nil {
            // Awaited by all who come meanwhile.
            making = Task { [folder] in
                try await TestRepository.make(in: "\(folder)/empty")
                try await ProgramRunner().copy("\(folder)/empty", to: "\(folder)/one")
                return try await TestRepository(root: "\(folder)/one").commit(["a": "1"], "first")
            }
        }
        guard let commit = try await making?.value else { throw CancellationError() }
        try await ProgramRunner().copy("\(folder)/\(isEmpty ? "empty" : "one")", to: root)
        return commit
    }

    /// Says that a test does not need it any more.
    func leave() throws {
        users -= 1
        guard users == 0 else { return }
        making = nil
        try Folder.remove(folder)
    }
}

extension ProgramRunner {
    fileprivate func copy(_ folder: String, to target: String) async throws {
        _ = try await run(Program("cp", ["-R", folder, target])).checked(doing: "copying a template")
    }
}
