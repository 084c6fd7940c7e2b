// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem

@testable import PostgresTools

/// Runs command lines as the environment's unprivileged account, as builds are run.
struct AccountBuildRunner: BuildRunner {
    func prepare(_ folder: String, of environment: EnvironmentKey) async throws {
        try await FileOwnership().give(folder, to: try await account(environment))
    }

    func run(_ command: BuildCommand, onLine: @Sendable @escaping (String) async -> Void) async throws {
        let user = try await account(command.environment)
        let program = Program(
            "/bin/sh",
            ["-c", command.line],
            in: command.directory,
            environment: command.variables.mapValues { $0.revealed() }
                .merging(["PATH": ExecutablePath.folders]) { $1 },
            inheritsEnvironment: false,
            as: user,
            deadline: command.timeout,
        )
        _ = try await ProgramRunner().run(program, onLine: onLine)
            .checked(.buildFailed, doing: "'\(command.line)'")
    }

    func discard(_ folder: String, of environment: EnvironmentKey) async throws {
        try Folder.remove(folder)
    }

    func seal(_ folder: String, of environment: EnvironmentKey) async throws -> ByteCount {
        try await FileOwnership().seal(folder, readableBy: try await account(environment))
        return ByteCount(0)
    }

    func alterations(of folder: String) async throws -> [String] { [] }

    private func account(_ environment: EnvironmentKey) async throws -> SystemUser {
        try await UnprivilegedAccount().ensure(AccountName(environment, .services))
    }
}
