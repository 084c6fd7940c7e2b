// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import TestSupport
import Testing

@testable import PostgresTools

/// A PostgreSQL server that a suite's tests share; each test makes a database of its own.
struct RunningCluster: Sendable {
    /// Where it lives.
    let home: TestHome
    /// What was started.
    let accessory: AccessorySpecification
    /// Where it answers.
    let address: DatabaseAddress
    /// The catalogue of its backups: their names must be unique in a home.
    let store = InMemoryBackupStore()

    @TaskLocal private static var shared: RunningCluster?

    /// The cluster of the suite that runs; only within ``Testing/Trait/postgresCluster``.
    static var current: RunningCluster {
        get throws { try #require(shared, "the suite lacks the trait .postgresCluster") }
    }

    /// Starts one, lends it to `body`, and removes it whatever happens.
    static func lend(_ body: @Sendable () async throws -> Void) async throws {
        try await TestHome.with { home in
            let accessory = try home.accessory()
            let address = try await home.ensure(accessory)
            let cluster = RunningCluster(home: home, accessory: accessory, address: address)
            try await $shared.withValue(cluster) { try await body() }
        }
    }

    /// Its name.
    var accessoryName: AccessoryName { accessory.manifest.name }

    /// A session of OpsHub's own role.
    func administrator(_ database: String = "postgres") throws -> PostgresEndpoint {
        try ClusterAccess(accessory.manifest.name, of: home.environment, in: home.layout)
            .record.endpoint(database, as: "test")
    }

    /// Runs statements as OpsHub's own role.
    func administer(_ database: String = "postgres", _ statements: String...) async throws {
        try await PostgresSession.with(try administrator(database)) { session in
            for statement in statements { try await session.query(statement) }
        }
    }

    /// Rows, as OpsHub's own role.
    func rows(_ database: String, _ query: String) async throws -> [PostgresRow] {
        try await PostgresSession.with(try administrator(database)) { try await $0.query(query) }
    }

    /// One value, as OpsHub's own role.
    func value(_ database: String, _ query: String) async throws -> String {
        try await PostgresSession.with(try administrator(database)) {
            try await $0.query(query).first?[0] ?? ""
        }
    }

    /// Makes a database that belongs to the application's role, with these statements run by that role.
    func makeDatabase(_ statements: String...) async throws -> TestDatabase {
        let name = "test_" + String((0..<10).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        try await administer("postgres", "CREATE DATABASE \(name) OWNER \(address.user) TEMPLATE template0")
        let database = TestDatabase(cluster: self, name: name)
        try await database.run(statements)
        return database
    }
}
