// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// An S3 store on loopback for the length of a test, which fails as it is told; see `Tests/Fixtures/store/store.py`.
public struct StoreServer: Sendable {
    /// What goes wrong; the names of the fixture.
    public enum Fault: String, Sendable {
        case none = "", away, hang, shy, deny, stranger, keep, swallow, clip, flaky, flip, cut
    }

    private let folder: String
    private let port: Int

    /// Runs one, with a bucket `acme-backups`, and ends it whatever happens.
    public static func with(in folder: String, body: (StoreServer) async throws -> Void) async throws {
        let package = Self.package
        let environment = "\(package)/.build-fixtures/store"
        let fixture = "\(package)/Tests/Fixtures/store"
        let prepare = Program(
            "/bin/sh",
            ["\(package)/Tests/Fixtures/prepare-python", environment, "\(fixture)/requirements.txt"],
            deadline: .seconds(900),
        )
        _ = try await ProgramRunner().run(prepare).checked(doing: "making \(environment)")
        // Whoever else looks for a port at this moment begins somewhere else.
        let from = Int.random(in: 31_000...31_900)
        let server = StoreServer(folder: folder, port: try LocalPorts.allocate(1, from: from...31_999)[0])
        let program = Program(
            "\(environment)/bin/python",
            ["\(fixture)/store.py", "\(server.port)", server.faultFile],
            deadline: .seconds(600),
        )
        try await withThrowingTaskGroup { group in
            group.addTask(name: "store") { _ = try await ProgramRunner().run(program) }
            try await server.makeBucket()
            try await body(server)
            group.cancelAll()
        }
    }

    private var faultFile: String { "\(folder)/fault" }

    /// Fails from now on.
    public func fail(_ fault: Fault) throws { try DurableFile.write(fault.rawValue, to: faultFile) }

    /// Where it answers.
    public var endpoint: String { "http://127.0.0.1:\(port)" }

    /// The one bucket that it has.
    public static let bucket = "acme-backups"
    /// The name of a key; it takes any.
    public static let accessKey = "the-name-of-a-key"
    /// The key, which must not be seen in anything.
    public static let secretKey = "the-secret-that-nobody-may-see"

    /// Runs rclone(1) by hand on the store.
    public func rclone(_ arguments: String...) async throws -> String {
        let variables = [
            "TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": endpoint, "REGION": "us-east-1",
            "ACCESS_KEY_ID": Self.accessKey, "SECRET_ACCESS_KEY": Self.secretKey,
        ]
        let program = Program(
            "rclone",
            arguments + ["--config=", "--retries=1"],
            environment: Dictionary(
                uniqueKeysWithValues: variables.map { ("RCLONE_CONFIG_STORE_\($0)", $1) }
                    + [("PATH", ExecutablePath.folders), ("HOME", "/nonexistent")]
            ),
            inheritsEnvironment: false,
        )
        return try await ProgramRunner().run(program).checked(doing: "rclone").output
    }

    private func makeBucket() async throws {
        for attempt in 1... {
            do {
                _ = try await rclone("mkdir", "store:\(Self.bucket)")
                return
            } catch {
                guard attempt < 300 else { throw error }
                try await ContinuousClock().sleep(for: .milliseconds(100))
            }
        }
    }

    private static var package: String {
        #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    }
}
