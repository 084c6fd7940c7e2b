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

    /// Takes the right to drive an environment.
    public func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease {
        try await database.writeAtAnyRate { database in
            let last = try Self.lease(of: environment, in: database)
            if let last, last.holder != holder, last.until > now { throw Failure.held(last) }
            let token = (last?.token ?? 0) + 1
            try database.execute(
                sql: "INSERT OR REPLACE INTO lease VALUES (?, ?, ?, ?)",
                arguments: [environment.description, token, holder, until.timeIntervalSince1970],
            )
            return Lease(environment: environment, token: token, holder: holder, until: until)
        }
    }

    /// Says that the holder lives.
    public func renew(_ lease: Lease, until: Date) async throws {
        try await database.writeAtAnyRate { database in
            try Self.check(lease, in: database)
            try Self.run(lease, until: until, in: database)
        }
    }

    /// Gives a lease back: its time has run out.
    public func release(_ lease: Lease) async throws {
        try await database.writeAtAnyRate { database in
            guard try Self.lease(of: lease.environment, in: database)?.token == lease.token else { return }
            try Self.run(lease, until: .distantPast, in: database)
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
        try change.check(against: lease)
        let written = try await database.writeAtAnyRate { database in
            try Self.check(lease, in: database)
            if let deployment = change.deployment?.id {
                let isOver = try Bool.fetchOne(
                    database,
                    sql: "SELECT is_over FROM deployment WHERE id = ?",
                    arguments: [deployment.rawValue],
                )
                guard isOver != true else { throw Failure.notWaiting(deployment) }
            }
            if let release = change.release {
                if release.retiredAt != nil {
                    try change.checkRetirement(
                        stored: Self.release(release.id, in: database),
                        unfinished: Self.unfinished(in: database),
                    )
                }
                try Self.write(release, to: database)
            }
            if let environment = change.environment { try Self.write(environment, to: database) }
            return try Self.writeDeployment(of: change, to: database)
        }
        announce(change, written)
        return written
    }

    /// Writes a deployment that nobody drives.
    @discardableResult
    public func order(_ change: DeliveryChange) async throws -> [JournalEntry] {
        let written = try await database.writeAtAnyRate { database in
            if let id = change.deployment?.id,
                let stored = try database.one(
                    Deployment.self,
                    "SELECT value FROM deployment WHERE id = ?",
                    [id.rawValue],
                ), stored.isOver || stored.phase != .queued
            {
                throw Failure.notWaiting(id)
            }
            if let deployment = change.deployment {
                try change.checkOrder(
                    stored: Self.release(deployment.release, in: database),
                    unfinished: deployment.requester.channel == .healing
                        ? Self.unfinished(in: database) : [],
                )
            }
            if let release = change.release { try Self.write(release, to: database, .ignore) }
            if let environment = change.environment { try Self.write(environment, to: database, .ignore) }
            return try Self.writeDeployment(of: change, to: database)
        }
        announce(change, written)
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

    private func announce(_ change: DeliveryChange, _ written: [JournalEntry]) {
        if change.deployment?.isOver == true { database.keepReserve() }
        if let deployment = change.deployment, !written.isEmpty { onJournal(deployment.id) }
    }

    private static func release(_ id: ReleaseID, in database: Database) throws -> Release? {
        try database.one(Release.self, "SELECT value FROM release WHERE id = ?", [id.rawValue])
    }

    private static func unfinished(in database: Database) throws -> [Deployment] {
        try database.all(Deployment.self, "SELECT value FROM deployment WHERE is_over = 0 ORDER BY number")
    }

    private static func lease(of environment: EnvironmentKey, in database: Database) throws -> Lease? {
        try Row.fetchOne(
            database,
            sql: "SELECT token, holder, until FROM lease WHERE environment = ?",
            arguments: [environment.description],
        )
        .map { row in
            Lease(
                environment: environment,
                token: row["token"],
                holder: row["holder"],
                until: Date(timeIntervalSince1970: row["until"]),
            )
        }
    }

    private static func check(_ lease: Lease, in database: Database) throws {
        let current = try Self.lease(of: lease.environment, in: database)?.token ?? 0
        guard current == lease.token else { throw Failure.stale(lease, current: current) }
    }

    private static func run(_ lease: Lease, until: Date, in database: Database) throws {
        try database.execute(
            sql: "UPDATE lease SET until = ? WHERE environment = ?",
            arguments: [until.timeIntervalSince1970, lease.environment.description],
        )
    }

    private static func write(
        _ release: Release,
        to database: Database,
        _ otherwise: Database.ConflictResolution = .replace,
    ) throws {
        try database.execute(
            sql: "INSERT OR \(otherwise.rawValue) INTO release VALUES (?, ?, ?, ?)",
            arguments: [
                release.id.rawValue, release.environment.description,
                StoredValue.number(of: release.id.rawValue),
                try StoredValue.encode(release),
            ],
        )
    }

    private static func write(
        _ environment: EnvironmentRecord,
        to database: Database,
        _ otherwise: Database.ConflictResolution = .replace,
    ) throws {
        try database.execute(
            sql: "INSERT OR \(otherwise.rawValue) INTO environment VALUES (?, ?)",
            arguments: [environment.key.description, try StoredValue.encode(environment)],
        )
    }

    private static func writeDeployment(
        of change: DeliveryChange,
        to database: Database,
    ) throws -> [JournalEntry] {
        guard let deployment = change.deployment else { return [] }
        try database.execute(
            sql: "INSERT OR REPLACE INTO deployment VALUES (?, ?, ?, ?, ?)",
            arguments: [
                deployment.id.rawValue, deployment.environment.description,
                StoredValue.number(of: deployment.id.rawValue), deployment.isOver,
                try StoredValue.encode(deployment),
            ],
        )
        return try change.journal.map { try append($0, to: deployment.id, at: change.at, in: database) }
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
