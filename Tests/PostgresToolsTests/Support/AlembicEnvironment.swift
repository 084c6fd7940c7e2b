// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

@testable import PostgresTools

/// A virtual environment with Alembic, made once and kept in the package's `.build-fixtures`.
enum AlembicEnvironment {
    /// The folder of the fixtures.
    static let fixtures = folder(above: #filePath, 2) + "/Fixtures/alembic"

    /// Makes it when it is not there yet, and returns its folder.
    ///
    /// One process makes it, others wait. What was cut short, or made for other requirements, is made anew.
    static func ensure() async throws -> String {
        let cache = folder(above: #filePath, 4) + "/.build-fixtures"
        let (path, ready) = ("\(cache)/alembic", "\(cache)/alembic.ready")
        let wanted = try FileContent.text(of: "\(fixtures)/requirements.txt") ?? ""
        if try FileContent.text(of: ready) == wanted { return path }
        try Folder.make(cache)
        let lock = try await lock("\(cache)/alembic.lock")
        defer { withExtendedLifetime(lock) {} }
        if try FileContent.text(of: ready) == wanted { return path }
        try Folder.remove(ready)
        try Folder.remove(path)
        let python =
            FileManager.default.isExecutableFile(atPath: "/usr/bin/python3") ? "/usr/bin/python3" : "python3"
        let steps = [
            Program(python, ["-m", "venv", path], deadline: .seconds(120)),
            Program(
                "\(path)/bin/pip",
                ["install", "--quiet", "-r", "\(fixtures)/requirements.txt"],
                deadline: .seconds(600),
            ),
            // For the account that runs it.
            Program("chmod", ["-R", "a+rX", path]),
        ]
        for step in steps {
            _ = try await ProgramRunner().run(step).checked(doing: "making \(path)")
        }
        try DurableFile.write(wanted, to: ready)
        return path
    }

    private static func lock(_ path: String) async throws -> FileLock {
        var lock: FileLock?
        let isLocked = try await Patience.wait(.seconds(900)) {
            do {
                lock = try FileLock(path)
            } catch let failure as Failure where failure.code == .stateLocked {
                return false
            }
            return true
        }
        guard isLocked, let lock else { throw Failure(.stateLocked, "\(path) stays locked") }
        return lock
    }

    private static func folder(above path: String, _ levels: Int) -> String {
        path.split(separator: "/").dropLast(levels).reduce("") { "\($0)/\($1)" }
    }
}
