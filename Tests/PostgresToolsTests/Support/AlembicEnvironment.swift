// SPDX-License-Identifier: Apache-2.0
import HostSystem

@testable import PostgresTools

/// A virtual environment with Alembic, made once and kept in the package's `.build-fixtures`.
enum AlembicEnvironment {
    /// The folder of the fixtures.
    static let fixtures = folder(above: #filePath, 2) + "/Fixtures/alembic"

    /// Makes it when it is not there yet, and returns its folder.
    static func ensure() async throws -> String {
        let package = folder(above: #filePath, 4)
        let path = "\(package)/.build-fixtures/alembic"
        let prepare = Program(
            "/bin/sh",
            ["\(package)/Tests/Fixtures/prepare-python", path, "\(fixtures)/requirements.txt"],
            deadline: .seconds(900),
        )
        _ = try await ProgramRunner().run(prepare).checked(doing: "making \(path)")
        return path
    }

    private static func folder(above path: String, _ levels: Int) -> String {
        path.split(separator: "/").dropLast(levels).reduce("") { "\($0)/\($1)" }
    }
}
