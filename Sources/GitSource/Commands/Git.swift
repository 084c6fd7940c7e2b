// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Calls of the `git` program on one bare repository.
///
/// Nothing of the machine's or a person's own configuration reaches it, it never asks anything, and paths mean
/// themselves. A repository that another account owns is used all the same: it lies below OpsHub's own home.
struct Git: Sendable {
    /// The bare repository.
    let repository: String
    private let runner: ProgramRunner

    /// Calls on a repository.
    init(_ repository: String, runner: ProgramRunner) {
        self.repository = repository
        self.runner = runner
    }

    /// One call, as a value.
    func program(
        _ arguments: [String],
        in directory: String? = nil,
        adding variables: [String: String] = [:],
        deadline: Duration = .seconds(60),
    ) -> Program {
        Program(
            "git",
            ["-c", "safe.directory=*", "--git-dir=\(repository)"] + arguments,
            in: directory,
            environment: Self.variables.merging(variables) { $1 },
            inheritsEnvironment: false,
            deadline: deadline,
        )
    }

    /// Runs one call, whatever it returns.
    func result(_ arguments: [String], input: String = "") async throws -> ProgramResult {
        try await runner.run(program(arguments), input: input)
    }

    /// Runs one call that must succeed, and returns what it wrote.
    func output(_ arguments: [String], doing: String) async throws -> String {
        try await run(program(arguments), doing: doing)
    }

    /// Runs one call that must succeed, and returns the bytes that it wrote.
    func bytes(_ arguments: [String], doing: String) async throws -> [UInt8] {
        try await runner.bytes(of: program(arguments), doing: doing)
    }

    /// Runs a call that must succeed, and returns what it wrote.
    @discardableResult
    func run(_ program: Program, doing: String) async throws -> String {
        try await runner.run(program).checked(doing: doing).output
    }

    private static var variables: [String: String] {
        [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_LITERAL_PATHSPECS": "1",
            "GIT_NO_REPLACE_OBJECTS": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
            "PATH": ExecutablePath.folders,
        ]
    }
}
