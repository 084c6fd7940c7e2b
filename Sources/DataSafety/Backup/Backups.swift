// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Makes backups and proves them by restoring them.
///
/// Every outcome is in the ``BackupStore`` before a call returns, also when it is a failure or a
/// cancellation.
public struct Backups: Sendable {
    let store: any BackupStore
    let vault: any BackupVault
    let offsite: any OffsiteStores
    let server: any DatabaseServer
    let lock: any DatabaseLock
    let time: any TimeSource
    let limits: BackupLimits
    /// Backups that are being proven, copied, fetched or removed.
    let busy = Claims<BackupID>()
    /// How far they have come.
    let board = ProgressBoard()
    /// Dumps on schedule, which keep no deployment waiting.
    let givingWay = GivingWay()
    /// Whether what goes after a time may go.
    let clock: ClockWatch
    /// When a drill that came to no verdict may be tried again.
    let drillPauses = Pauses<BackupID>()
    /// When a server may be copied again whose copy failed: each attempt copies everything.
    let basePauses = Pauses<DatabaseTarget>()
    /// When a store that failed may be asked again.
    let storePauses = Pauses<StorePlace>()

    /// Puts the parts together.
    ///
    /// There must be one of these per home: it knows which backups are busy.
    public init(
        store: any BackupStore,
        vault: any BackupVault,
        offsite: any OffsiteStores,
        server: any DatabaseServer,
        lock: any DatabaseLock,
        time: any TimeSource = SystemTime(),
        limits: BackupLimits = BackupLimits(),
    ) {
        self.store = store
        self.vault = vault
        self.offsite = offsite
        self.server = server
        self.lock = lock
        self.time = time
        self.limits = limits
        clock = ClockWatch(time)
    }

    /// Makes a backup of a database and returns it written, which proves nothing yet: see ``drill(_:)``.
    ///
    /// Never overlaps a migration or another backup of the same database; one on schedule gives way to a deployment's. When it fails, the failed backup
    /// is in the catalogue and none of its bytes are left.
    public func create(_ database: DatabaseTarget, because reason: BackupReason) async throws -> Backup {
        try await make(database, because: reason) { started in
            board.begin(.waiting, of: started.id, at: time.now)
            return try await lock.hold(database, for: "backup \(started.id)", waiting: limits.waiting) {
                let limit = database.kind == .cluster ? limits.cluster : limits.dump
                return try await receive(started, at: .dumping, within: limit) {
                    try await server.dump(database, into: $0)
                }
            }
        }
    }

    /// Makes a backup of what `receive` returns.
    func make(
        _ database: DatabaseTarget,
        because reason: BackupReason,
        _ receive: (Backup) async throws -> (DumpedDatabase, StoredDump),
    ) async throws -> Backup {
        var started = Backup(id: try await store.nextBackupID(), of: database, because: reason, at: time.now)
        // A catalogue that was lost or put back begins again with names that the vault has.
        while try await vault.holds(started) {
            started = Backup(id: try await store.nextBackupID(), of: database, because: reason, at: time.now)
        }
        try await store.save(started)
        if reason.isUrgent { await givingWay.end(database) }
        defer { board.end(started.id) }
        var written: Backup
        do {
            let (dumped, dump) = try await receive(started)
            written = started
            try written.apply(
                .dumped(BackupContent(dump, writtenAt: time.now, dumped: dumped)),
                at: time.now,
            )
        } catch {
            // What the vault had received by the time that somebody gave up may be there, complete and without a manifest.
            throw try await recorded(error, against: started, discarding: true)
        }
        do {
            let outcome = written
            try await shielded {
                try await vault.publish(outcome)
                try await store.save(outcome)
            }
            return outcome
        } catch {
            throw try await recorded(error, against: started, discarding: true)
        }
    }

    /// Ends a dump on schedule of a database, because somebody waits for what it holds.
    public func giveWay(to database: DatabaseTarget) async { await givingWay.end(database) }

    /// How far what is being done with a backup has come; nil when nothing is.
    public func progress(of id: BackupID) -> BackupProgress? { board.entry(id) }

    /// What is being done with backups of an environment, oldest first.
    public func underWay(
        in environment: EnvironmentKey
    ) async throws -> [(backup: BackupID, progress: BackupProgress)] {
        var found: [(backup: BackupID, progress: BackupProgress)] = []
        for (id, known, progress) in board.all {
            let own = if let known { known } else { try await store.backup(id)?.database.environment }
            if own == environment { found.append((id, progress)) }
        }
        return found.sorted { ($0.progress.since, $0.backup) < ($1.progress.since, $1.backup) }
    }

    /// Every backup of an environment in any state, newest first.
    public func list(_ environment: EnvironmentKey) async throws -> [Backup] {
        try await store.backups(of: environment)
    }

    /// The newest backup of a database that was made for this reason since a moment and is good as far as anybody knows; nil when
    /// there is none.
    ///
    /// With it a deployment that was interrupted takes up the backup that it made already.
    public func existing(
        _ database: DatabaseTarget,
        because reason: BackupReason,
        since moment: Date,
    ) async throws -> Backup? {
        try await store.backups(of: database.environment)
            .first { backup in
                backup.database == database && backup.reason == reason && backup.startedAt >= moment
                    && backup.content != nil && backup.failure == nil
            }
    }

    /// One backup.
    ///
    /// Throws `not-found`.
    public func backup(_ id: BackupID) async throws -> Backup {
        guard let backup = try await store.backup(id) else {
            throw Failure(.notFound, "there is no backup \(id)", hint: "see 'opshub backup list'")
        }
        return backup
    }

    /// Does something with a backup while nothing else does.
    func claiming<Result: Sendable>(
        _ id: BackupID,
        for purpose: String,
        body: () async throws -> Result,
    ) async throws -> Result {
        if let holder = busy.take(id, for: purpose) {
            throw Failure(.conflict, "backup \(id) is busy: \(holder) is under way", isRetryable: true)
        }
        defer { busy.release(id) }
        return try await body()
    }

    /// Has the vault take what `dump` writes.
    func receive(
        _ started: Backup,
        at stage: BackupProgress.Stage,
        within limit: Duration,
        _ dump: @escaping @Sendable (@escaping DumpSink) async throws -> DumpedDatabase,
    ) async throws -> (DumpedDatabase, StoredDump) {
        let last = try await store.backups(of: started.database.environment)
            .first { $0.database == started.database && $0.content != nil }?
            .content
        var expected = last?.encoding?.plain.size ?? last?.seal.size
        // Only to say how long it takes: who can't be asked has more to say to the dump itself.
        if expected == nil { expected = (try? await server.estimate(of: started.database)) ?? nil }
        let total = expected
        return try await limited(limit, "the dump of \(started.database)") {
            board.begin(stage, of: started.id, total: total, at: time.now)
            return try await vault.receive(started) { sink in
                try await dump { bytes in
                    try await sink(bytes)
                    board.add(bytes.count, to: started.id)
                }
            }
        }
    }

    /// Records that a backup failed, and returns what to throw: the error itself when it is a cancellation.
    private func recorded(
        _ error: any Error,
        against started: Backup,
        discarding: Bool,
    ) async throws -> any Error {
        let failure = Failure.wrapping(error, doing: "backup \(started.id) of \(started.database)")
        var failed = started
        try failed.apply(.dumpFailed(failure), at: time.now)
        let outcome = failed
        do {
            try await shielded {
                if discarding { try await vault.discard(outcome) }
                try await store.save(outcome)
            }
        } catch let second {
            var combined = failure
            combined.evidence.append("and that could not be recorded: \(second)")
            return combined
        }
        return error is CancellationError ? error : failure
    }
}
