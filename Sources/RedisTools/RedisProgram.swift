// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Redis's own programs.
enum RedisProgram {
    /// The version of the server that is installed: `7.0.15`.
    ///
    /// Throws `missing-program` without one, or when it is of another major version than `major`.
    static func version(_ major: Int) async throws -> String {
        let version = try await version()
        guard version.prefix(while: \.isNumber) == "\(major)" else {
            throw Failure(
                .missingProgram,
                "opshub.yml asks for Redis \(major), and this machine has \(version)",
                hint:
                    "say 'redis: \(version.prefix(while: \.isNumber))', or install the other version's package",
            )
        }
        return version
    }

    /// The version of the server that is installed.
    static func version() async throws -> String {
        let said = try await ProgramRunner().run(Program("redis-server", ["--version"]))
            .checked(doing: "asking redis-server for its version").output
        // `Redis server v=7.0.15 sha=00000000:0 malloc=… bits=64 build=…`
        let word = said.split(separator: " ").first { $0.hasPrefix("v=") }
        return String(word?.dropFirst(2) ?? "")
    }

    /// How many keys a file of redis-server holds, read to its end and with every checksum.
    ///
    /// - Parameters:
    ///   - file: Its name.
    ///   - folder: Where it lies.
    ///   - user: Who reads it.
    ///   - deadline: How long that may take.
    /// - Returns: The number of keys, also of those that have expired.
    /// - Throws: `backup-failed` when it is damaged; another error where that says nothing against it.
    static func keys(
        in file: String,
        of folder: String,
        as user: SystemUser,
        deadline: Duration,
    ) async throws -> Int64 {
        var program = Program(
            "redis-check-rdb",
            [file],
            in: folder,
            environment: Program.plainEnvironment,
            inheritsEnvironment: false,
            as: user,
            deadline: deadline,
        )
        program.isBackground = true
        let result = try await ProgramRunner().run(program)
        let lines = result.output.split(separator: "\n")
        if case .signalled = result.ending {
            throw Failure(.programFailed, "redis-check-rdb was \(result.endingInWords)", isRetryable: true)
        }
        guard !result.output.contains("Can't handle RDB format version") else {
            throw Failure(
                .missingProgram,
                "the dump was written by a newer Redis than this machine has",
                hint: "install that one's package; this says nothing against the backup",
            )
        }
        // `[info] 52 keys read`
        let found = lines.lazy.filter { $0.hasPrefix("[info] ") && $0.hasSuffix(" keys read") }
            .compactMap { $0.split(separator: " ").dropFirst().first.flatMap { Int64($0) } }.first
        guard result.isSuccess, let found, lines.contains(where: { $0.contains("Checksum OK") }) else {
            throw Failure(
                .backupFailed,
                "redis-check-rdb refused the dump: \(lines.last.map(String.init) ?? result.endingInWords)",
                hint: "keep it for a look, and make another one: opshub backup create",
                evidence: ["$ \(program)"] + result.output.lastLines(20),
            )
        }
        return found
    }
}
