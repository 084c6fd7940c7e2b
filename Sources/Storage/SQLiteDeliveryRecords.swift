// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials
import GRDB

/// Deployments, releases and environments, read from the embedded state database.
public struct SQLiteDeliveryRecords: DeliveryRecords {
    private let database: StateDatabase
    private let deployments = DecodedRows<Deployment>(limit: 2000)
    private let releases = DecodedRows<Release>(limit: 500)

    /// Records of an open database.
    public init(_ database: StateDatabase) {
        self.database = database
    }

    /// One deployment.
    public func deployment(_ id: DeploymentID) async throws -> Deployment? {
        try await database.read {
            try deployments.all($0, "SELECT id, value FROM deployment WHERE id = ?", [id.rawValue]).first
        }
    }

    /// Newest first.
    public func deployments(of environment: EnvironmentKey?, limit: Int) async throws -> [Deployment] {
        try await database.read { database in
            guard let environment else {
                return try deployments.all(
                    database,
                    "SELECT id, value FROM deployment ORDER BY number DESC LIMIT ?",
                    [limit],
                )
            }
            return try deployments.all(
                database,
                "SELECT id, value FROM deployment WHERE environment = ? ORDER BY number DESC LIMIT ?",
                [environment.description, limit],
            )
        }
    }

    /// Oldest first.
    public func unfinishedDeployments() async throws -> [Deployment] {
        try await database.read {
            try deployments.all($0, "SELECT id, value FROM deployment WHERE is_over = 0 ORDER BY number")
        }
    }

    /// A journal after a line.
    public func journal(
        of deployment: DeploymentID,
        after sequence: Int,
        limit: Int,
    ) async throws -> [JournalEntry] {
        try await database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT sequence, at, value FROM journal
                    WHERE deployment = ? AND sequence > ? ORDER BY sequence LIMIT ?
                    """,
                arguments: [deployment.rawValue, sequence, limit],
            )
            .map { row in
                JournalEntry(
                    sequence: row["sequence"],
                    at: Date(timeIntervalSince1970: row["at"]),
                    event: try StoredValue.decode(JournalEvent.self, from: row["value"]),
                )
            }
        }
    }

    /// One release.
    public func release(_ id: ReleaseID) async throws -> Release? {
        try await database.read {
            try releases.all($0, "SELECT id, value FROM release WHERE id = ?", [id.rawValue]).first
        }
    }

    /// Newest first.
    public func releases(of environment: EnvironmentKey, limit: Int) async throws -> [Release] {
        try await database.read {
            try releases.all(
                $0,
                "SELECT id, value FROM release WHERE environment = ? ORDER BY number DESC LIMIT ?",
                [environment.description, limit],
            )
        }
    }

    /// One environment.
    public func environment(_ key: EnvironmentKey) async throws -> EnvironmentRecord? {
        try await database.read {
            try $0.one(
                EnvironmentRecord.self,
                "SELECT value FROM environment WHERE key = ?",
                [key.description],
            )
        }
    }

    /// All environments.
    public func environments() async throws -> [EnvironmentRecord] {
        try await database.read {
            try $0.all(EnvironmentRecord.self, "SELECT value FROM environment")
        }
        // By the names themselves: in the text of a key, `shop-b/…` comes before `shop/…`.
        .sorted { $0.key < $1.key }
    }
}
