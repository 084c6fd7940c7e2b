// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import Synchronization
import TestSupport
import Testing
import Vault

@testable import RedisTools

/// Redis servers of a home of their own, with every real part but the catalogue.
struct RedisBench: Sendable {
    let layout: HomeLayout
    let environment: EnvironmentKey
    let accessories: RedisAccessories
    let dumps: RedisDumps
    let exchange: RedisExchange
    let backups: Backups
    let restores: Restores
    private let ports: [EnvironmentName: Int]
    private static let made = Atomic(0)

    private init(root: String, project: String) throws {
        layout = HomeLayout(root: root)
        environment = EnvironmentKey(ProjectName(project), EnvironmentName("test"))
        accessories = RedisAccessories(layout: layout, patience: .seconds(60))
        dumps = RedisDumps(layout: layout)
        exchange = RedisExchange(layout: layout, patience: .seconds(60))
        backups = Backups(
            store: InMemoryBackupStore(),
            vault: FileBackupVault(layout: layout, key: RecoveryKey()),
            offsite: RcloneStores(layout: layout),
            server: dumps,
            lock: NoLock(),
        )
        restores = Restores(backups: backups, exchange: exchange, tables: NoTables())
        // Benches live beside each other: a port that is free now may be another's in a moment.
        let first = 24_000 + 20 * Self.made.wrappingAdd(1, ordering: .relaxed).oldValue
        let free = try LocalPorts.allocate(2, from: first...(first + 19))
        ports = [EnvironmentName("test"): free[0], EnvironmentName("other"): free[1]]
    }

    /// Makes a home, and removes it with its servers and accounts whatever happens.
    static func with(_ body: (RedisBench) async throws -> Void) async throws {
        let name = String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        let bench = try RedisBench(root: "/tmp/opshub-redis-\(name)", project: "t\(name)")
        try Folder.make(bench.layout.root)
        do {
            try await body(bench)
            try await bench.remove()
        } catch {
            try await bench.remove()
            throw error
        }
    }

    private func remove() async throws {
        for key in [environment, other] {
            try await Supervisor().stop(place(in: key).service, timeout: .seconds(10))
            try Folder.remove(SocketFolder("\(place(in: key).path)/run").path)
        }
        try Folder.remove(layout.root)
        for key in [environment, other] {
            for purpose in AccountName.Purpose.allCases {
                try await UnprivilegedAccount().remove(AccountName(key, purpose))
            }
        }
    }

    /// Another environment of the same project.
    var other: EnvironmentKey { EnvironmentKey(environment.project, EnvironmentName("other")) }

    /// The installed major version.
    static func major() async throws -> Int {
        let said = try await ProgramRunner().run(Program("redis-server", ["--version"])).output
        return Int(said.firstMatch(of: /v=(\d+)/)?.1 ?? "") ?? 7
    }

    /// The server `cache` as a deployment asks for it.
    func specification(
        in key: EnvironmentKey? = nil,
        major: Int? = nil,
    ) async throws -> AccessorySpecification {
        let installed = try await Self.major()
        let environment = key ?? environment
        return AccessorySpecification(
            environment: environment,
            manifest: AccessoryManifest(
                name: AccessoryName("cache"),
                kind: .redis(major: major ?? installed),
                database: "",
            ),
            port: ports[environment.environment] ?? 0,
        )
    }

    /// The same, as backups know it.
    func target(in key: EnvironmentKey? = nil) -> DatabaseTarget {
        DatabaseTarget(key ?? environment, AccessoryName("cache"), "keys", kind: .redis)
    }

    /// Where it lies.
    func place(in key: EnvironmentKey? = nil) -> RedisPlace { RedisPlace(target(in: key), in: layout) }

    /// Starts it, and lets the application run commands.
    func make(_ commands: String..., in key: EnvironmentKey? = nil) async throws {
        _ = try await accessories.ensure(try await specification(in: key))
        for command in commands { try await ask(command, in: key) }
    }

    /// What the server answers the application; a refusal is what it says.
    @discardableResult
    func ask(_ command: String, in key: EnvironmentKey? = nil) async throws -> String {
        let address = try await accessories.address(of: try await specification(in: key))
        let url = try #require(address?.url)
        let words = command.split(separator: " ").map(String.init)
        let result = try await ProgramRunner()
            .run(Program("redis-cli", ["-e", "-u", url.revealed(), "--no-auth-warning"] + words))
        return (result.output + result.errors).trimmed
    }

    /// Waits until what it was told is in its log.
    ///
    /// While the disk is busy with an earlier part, `appendfsync everysec` lets a write wait for up to two seconds; a
    /// server that is killed then has lost it, as Redis says it may.
    func isWrittenDown() async throws -> Bool {
        try await Patience.wait(.seconds(60)) {
            try await ask("INFO persistence").contains("aof_buffer_length:0")
        }
    }

    /// A written backup of it.
    func create() async throws -> Backup {
        try await backups.create(target(), because: .command(by: "a test"))
    }

    /// The server's process.
    func process() throws -> Int32 {
        try #require(try Supervisor().status(of: place().service)?.process)
    }
}

extension String {
    fileprivate var trimmed: String {
        split(separator: "\n").map(String.init).joined(separator: "\n")
    }
}
