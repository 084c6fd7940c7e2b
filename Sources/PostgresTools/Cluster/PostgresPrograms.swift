// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem

/// Where the programs of one major version of PostgreSQL are: servers and the client programs that fit them.
public struct PostgresPrograms: Hashable, Sendable {
    /// `15`.
    public let major: Int
    /// Their folder.
    public let folder: String

    /// Where Debian and its relatives put them, below a folder for each major version.
    public static let packaged = "/usr/lib/postgresql"

    /// Finds them where packages put them, or where `pg_config` in `PATH` says.
    ///
    /// Throws `missing-program` that names the package.
    public static func locate(_ major: Int, below root: String = packaged) async throws -> PostgresPrograms {
        let usual = PostgresPrograms(major: major, folder: "\(root)/\(major)/bin")
        if usual.isComplete { return usual }
        if let folder = await folderOfConfig() {
            let other = PostgresPrograms(major: major, folder: folder)
            if other.isComplete, try await other.version(of: "postgres").hasPrefix("\(major).") {
                return other
            }
        }
        throw Failure(
            .missingProgram,
            "PostgreSQL \(major) is not installed: there is no \(usual.path(of: "postgres"))",
            hint: "run 'apt-get install postgresql-\(major)'",
        )
    }

    /// The path of one of them.
    public func path(of program: String) -> String { "\(folder)/\(program)" }

    /// Whether servers can load a library, which is a package of its own in some places.
    func hasLibrary(_ name: String) -> Bool {
        ["lib", "lib/postgresql", "lib/pgsql"]
            .contains { unsafe access("\(folder)/../\($0)/\(name).so", R_OK) == 0 }
    }

    /// What a program says of its version: `15.20`.
    func version(of program: String) async throws -> String {
        let result = try await ProgramRunner().run(Program(path(of: program), ["--version"]))
            .checked(doing: "asking \(program) for its version")
        // `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`
        return result.output.split(separator: " ").first { $0.first?.isNumber == true }.map(String.init) ?? ""
    }

    private var isComplete: Bool {
        ["initdb", "postgres", "pg_dump", "pg_restore"].allSatisfy { unsafe access(path(of: $0), X_OK) == 0 }
    }

    private static func folderOfConfig() async -> String? {
        // Without pg_config there is only the usual folder to look in.
        let result = try? await ProgramRunner().run(Program("pg_config", ["--bindir"]))
        return result.flatMap { $0.isSuccess ? $0.output.lastLines(1).first : nil }
    }
}
