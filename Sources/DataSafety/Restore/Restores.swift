// SPDX-License-Identifier: Apache-2.0
public import Core

/// Puts earlier states of databases in their place.
///
/// Whatever fails, the database that serves is complete under its own name: what takes its place is restored and compared
/// beside it first, and the exchange of names is one transaction of the server.
public struct Restores: Sendable {
    let backups: Backups
    let exchange: any DatabaseExchange
    let tables: any TableRestorer

    /// Puts the parts together.
    public init(backups: Backups, exchange: any DatabaseExchange, tables: any TableRestorer) {
        self.backups = backups
        self.exchange = exchange
        self.tables = tables
    }

    /// The name of the copy that an order makes: `opshub_restore_d15_k3f9z`.
    public static func copyName(for order: String) -> String { ScratchDatabase.copyPrefix + order }

    /// The name that an order keeps the replaced database under: `opshub_kept_d15_k3f9z`.
    public static func keptName(by order: String) -> String { ScratchDatabase.keptPrefix + order }

    /// What restoring a backup into a database would mean; changes nothing.
    ///
    /// - Throws: `not-found` without the backup, `conflict` when nothing of it was kept.
    public func outlook(of id: BackupID, in target: DatabaseTarget) async throws -> RestoreOutlook {
        let (backup, content) = try await usable(id)
        let (counters, definitions) = try await exchange.present(target)
        let isOwn = backup.database == target
        return RestoreOutlook(
            backup: backup,
            target: target,
            writes: isOwn ? content.writes.flatMap { counters.since($0) } : nil,
            schemaDifferences: isOwn && target.kind == .postgres && content.fingerprint.reading != nil
                ? Self.changes(from: definitions, to: content.fingerprint.definitions) : nil,
        )
    }

    /// Restores a backup beside a database and compares every table, so that it can take its place.
    ///
    /// What an earlier attempt for the same order left is made anew. Of another database's backup owners and privileges are left
    /// out: everything belongs to the owner of `target`.
    ///
    /// - Parameters:
    ///   - id: The backup.
    ///   - target: The database whose place it shall take.
    ///   - order: Names the copy.
    ///   - masking: SQL that the owner runs in it, after it was compared; nil for none.
    /// - Returns: What came back, and what was done besides, one sentence each.
    /// - Throws: `backup-failed` when it can't be restored, or to something else than was dumped. Then no copy is left.
    public func prepare(
        _ id: BackupID,
        for target: DatabaseTarget,
        order: String,
        masking: String? = nil,
    ) async throws -> (found: DatabaseFingerprint, remarks: [String]) {
        let (backup, content) = try await usable(id)
        let isOwn = backup.database == target
        defer { backups.board.end(id) }
        try await backups.checkBytes(of: backup, content.seal)
        guard backup.database.kind == target.kind else {
            throw Failure(
                .conflict,
                "backup \(id) is of \(backup.database), which is something else than \(target) now",
            )
        }
        let copy = ScratchDatabase(Self.copyName(for: order), beside: target)
        let server = backups.server
        try await server.makeScratch(copy, for: backup)
        var remarks: [String] = []
        do {
            remarks = try await server.restore(
                backup,
                into: copy,
                for: isOwn ? nil : target,
                from: backups.feed(of: backup, content),
            )
            var (found, _) = try await server.fingerprint(of: copy)
            let restored = found
            // Owners and privileges are part of definitions, and another environment has its own.
            if !isOwn { found.definitions = content.fingerprint.definitions }
            try backups.compare(found, with: content.fingerprint, of: backup)
            try await exchange.dress(copy, like: target, masking: masking)
            return (restored, remarks)
        } catch {
            // What made it fail matters more than a leftover, which `tidy` drops.
            try? await shielded { try await server.drop(copy) }
            guard var failure = error as? Failure else { throw error }
            // What was done besides stays.
            failure.evidence += remarks
            throw failure
        }
    }

    /// Keeps everybody but OpsHub out of a database.
    ///
    /// Only once nothing else works on it: what would have to be waited for is waited for while it is still open.
    public func shut(_ database: DatabaseTarget) async throws {
        try await backups.lock.hold(database, for: "a restore", waiting: backups.limits.waiting) {
            try await exchange.shut(database)
        }
    }

    /// Puts `copy` in the place of a database, which is kept as `kept`; see ``DatabaseExchange``.
    ///
    /// Never while a backup or a migration of it runs.
    public func exchange(
        _ database: DatabaseTarget,
        with copy: String,
        keeping kept: String,
    ) async throws {
        try await backups.lock.hold(database, for: "a restore", waiting: backups.limits.waiting) {
            try await exchange.exchange(database, with: copy, keeping: kept)
        }
    }

    /// Makes everything as it was before an order, wherever that has come to.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - copy: What was to take its place.
    ///   - kept: What it was kept as.
    /// - Throws: `unreachable` when the server does not run.
    public func takeBack(_ database: DatabaseTarget, copy: String, kept: String) async throws {
        let names = try await names(beside: database)
        if names.contains(kept) {
            try await exchange(database, with: kept, keeping: copy)
        } else {
            try await exchange.open(database)
        }
        guard copy.hasPrefix(ScratchDatabase.copyPrefix) else { return }
        do {
            try await drop(copy, beside: database)
        } catch  where !Task.isCancelled {
            // Everything is as it was; `tidy` tries that again, and says so when it fails.
            return
        }
    }

    /// Drops what no order needs any more of the databases beside one: copies of orders that are over, and kept ones whose time has
    /// run out.
    ///
    /// - Parameters:
    ///   - database: The database.
    ///   - isNeeded: Whether an order still needs its copy, or the database that it has kept: `d15`.
    /// - Returns: What was dropped.
    /// - Throws: What `isNeeded` throws, and what the server does.
    public func tidy(
        beside database: DatabaseTarget,
        unless isNeeded: (_ order: String, _ isKept: Bool) async throws -> Bool,
    ) async throws -> [String] {
        var dropped: [String] = []
        for name in try await exchange.names(beside: database) ?? [] {
            if name.hasPrefix(ScratchDatabase.formerPrefix) {
                try await drop(name, beside: database)
                dropped.append(name)
            }
            for (prefix, isKept) in [
                (ScratchDatabase.copyPrefix, false), (ScratchDatabase.keptPrefix, true),
            ]
            where name.hasPrefix(prefix) {
                guard try await !isNeeded(String(name.dropFirst(prefix.count)), isKept) else { continue }
                try await drop(name, beside: database)
                dropped.append(name)
            }
        }
        return dropped
    }

    /// Orders whose replaced database is still kept: `d15`.
    public func kept(beside database: DatabaseTarget) async throws -> [String] {
        try await names(beside: database).filter { $0.hasPrefix(ScratchDatabase.keptPrefix) }
            .map { String($0.dropFirst(ScratchDatabase.keptPrefix.count)) }
    }

    /// What would become of each definition that is not the same.
    private static func changes(from present: [String: String], to then: [String: String]) -> [String] {
        Set(present.keys).union(then.keys).sorted()
            .compactMap { name in
                switch (present[name], then[name]) {
                case (.some, .none): "\(name) would be gone"
                case (.none, .some): "\(name) would be back"
                case (let now, let then): now == then ? nil : "\(name) would be as it was then"
                }
            }
    }

    private func names(beside database: DatabaseTarget) async throws -> [String] {
        guard let names = try await exchange.names(beside: database) else {
            throw Failure(.unreachable, "the server of \(database) does not run", isRetryable: true)
        }
        return names
    }

    private func drop(_ name: String, beside database: DatabaseTarget) async throws {
        try await backups.server.drop(ScratchDatabase(name, beside: database))
    }

    func usable(_ id: BackupID) async throws -> (Backup, BackupContent) {
        let backup = try await backups.backup(id)
        guard backup.database.kind != .cluster else {
            throw Failure(
                .conflict,
                "backup \(id) is of a whole server, to go back to moments with",
                hint: "opshub backup restore --at TIME -e \(backup.database.environment.environment)",
            )
        }
        guard let content = backup.content else {
            throw Failure(
                .conflict,
                "backup \(id) is \(backup.state.name), so there is nothing to restore",
                hint: "see 'opshub backup list'",
                cause: backup.failure?.message,
            )
        }
        return (backup, content)
    }
}
