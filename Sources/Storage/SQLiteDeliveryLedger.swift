// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import FoundationEssentials
import GRDB

/// Deployments, releases and environments, written to the embedded state database.
public struct SQLiteDeliveryLedger: DeliveryLedger {
    private let database: StateDatabase
    /// Told of every new journal line, after it is on disk.
    private let onJournal: @Sendable (DeploymentID) -> Void

    /// A ledger on an open database.
    public init(_ database: StateDatabase, onJournal: @escaping @Sendable (DeploymentID) -> Void = { _ in }) {
        self.database = database
        self.onJournal = onJournal
    }

    /// Takes over from every earlier holder.
    public func takeLease() async throws -> Lease {
        try await database.writeAtAnyRate { database in
            try database.execute(sql: "UPDATE lease SET token = token + 1")
            return Lease(token: try Int.fetchOne(database, sql: "SELECT token FROM lease") ?? 0)
        }
    }

    /// The next number of a sequence.
    public func number(_ sequence: NumberSequence) async throws -> Int {
        try await database.writeAtAnyRate { database in
            try database.execute(
                sql: "INSERT INTO sequence VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET last = last + 1",
                arguments: [sequence.rawValue],
            )
            return try Int.fetchOne(
                database,
                sql: "SELECT last FROM sequence WHERE name = ?",
                arguments: [sequence.rawValue],
            ) ?? 0
        }
    }

    /// Writes a change in one transaction.
    @discardableResult
    public func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        let written = try await database.writeAtAnyRate { database in
            try Self.check(lease, in: database)
            if let release = change.release { try Self.write(release, to: database) }
            if let environment = change.environment { try Self.write(environment, to: database) }
            guard let deployment = change.deployment else { return [JournalEntry]() }
            try Self.write(deployment, to: database)
            return try change.journal.map {
                try Self.append($0, to: deployment.id, at: change.at, in: database)
            }
        }
        if change.deployment?.isOver == true { database.keepReserve() }
        if let deployment = change.deployment, !written.isEmpty { onJournal(deployment.id) }
        return written
    }

    /// Gives up the reserve; it is taken again when a deployment is over and there is room.
    public func makeRoom() async { database.giveUpReserve() }

    /// Adds one line to a journal.
    public func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws
    {
        try await database.write { database in
            try Self.check(lease, in: database)
            _ = try Self.append(event, to: deployment, at: at, in: database)
        }
        onJournal(deployment)
    }

    private static func check(_ lease: Lease, in database: Database) throws {
        let current = try Int.fetchOne(database, sql: "SELECT token FROM lease") ?? 0
        guard current == lease.token else {
            throw Failure(
                .staleLease,
                "another control plane has taken over (lease \(current), ours is \(lease.token))",
                hint: "nothing was written; stop this control plane",
            )
        }
    }

    private static func write(_ release: Release, to database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO release VALUES (?, ?, ?, ?)",
            arguments: [
                release.id.rawValue, release.environment.description,
                StoredValue.number(of: release.id.rawValue),
                try StoredValue.encode(release),
            ],
        )
    }

    private static func write(_ deployment: Deployment, to database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO deployment VALUES (?, ?, ?, ?, ?)",
            arguments: [
                deployment.id.rawValue, deployment.environment.description,
                StoredValue.number(of: deployment.id.rawValue), deployment.isOver,
                try StoredValue.encode(deployment),
            ],
        )
    }

    private static func write(_ environment: EnvironmentRecord, to database: Database) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO environment VALUES (?, ?)",
            arguments: [environment.key.description, try StoredValue.encode(environment)],
        )
    }

    private static func append(
        _ event: JournalEvent,
        to deployment: DeploymentID,
        at: Date,
        in database: Database,
    ) throws -> JournalEntry {
        let last = try Int.fetchOne(
            database,
            sql: "SELECT max(sequence) FROM journal WHERE deployment = ?",
            arguments: [deployment.rawValue],
        )
        // As it will be read: a moment loses its last bit on the way to seconds of Unix time.
        let moment = at.timeIntervalSince1970
        let entry = JournalEntry(
            sequence: (last ?? 0) + 1,
            at: Date(timeIntervalSince1970: moment),
            event: event,
        )
        try database.execute(
            sql: "INSERT INTO journal VALUES (?, ?, ?, ?)",
            arguments: [
                deployment.rawValue, entry.sequence, moment, try StoredValue.encode(event),
            ],
        )
        return entry
    }
}
