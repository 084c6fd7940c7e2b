// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

extension Backups {
    /// Restores a written backup on a server of its own, compares, and returns it verified or failed.
    ///
    /// Idempotent: one that is verified already is returned as it is; see ``verify(_:)`` for proving it
    /// again. Throws `conflict` for one that failed or is not written yet. When nothing could be found out
    /// (no server, no room, cancelled), that is thrown and the backup stays written: no verdict is no pass.
    public func drill(_ id: BackupID) async throws -> Backup {
        let backup = try await backup(id)
        if backup.isVerified { return backup }
        return try await prove(id) { state in
            if case .written = state { true } else { false }
        }
    }

    /// Proves a backup again, whenever: one that was verified before, or that failed and may be good after
    /// all.
    ///
    /// As ``drill(_:)``, but only refuses backups of which nothing was kept.
    public func verify(_ id: BackupID) async throws -> Backup {
        try await prove(id) { _ in true }
    }

    private func prove(_ id: BackupID, when allows: (BackupState) -> Bool) async throws -> Backup {
        try await claiming(id, for: "a restore drill") {
            defer { board.end(id) }
            let backup = try await backup(id)
            guard let content = backup.content, allows(backup.state) else {
                throw Failure(
                    .conflict,
                    "backup \(id) is \(backup.state.name), so there is nothing to drill",
                    hint: backup.content == nil
                        ? "make another one: opshub backup create" : "opshub backup verify \(id)",
                    cause: backup.failure?.message,
                )
            }
            let verdict = try await limited(limits.drill, "the restore drill of backup \(id)") {
                try await judge(backup, content)
            }
            return try await record(verdict, on: backup)
        }
    }

    private func record(_ verdict: BackupEvent, on backup: Backup) async throws -> Backup {
        var judged = backup
        try judged.apply(verdict, at: time.now)
        return try await recorded(judged)
    }

    /// Writes down what has become of a backup, here and beside its bytes.
    func recorded(_ outcome: Backup) async throws -> Backup {
        try await shielded {
            try await store.save(outcome)
            do {
                try await vault.publish(outcome)
            } catch let failure as Failure where failure.code == .notFound {
                // Its files are gone, so there is no place for a manifest; the catalogue knows.
            }
        }
        return outcome
    }

    /// The bytes first: what is not what was written need not be restored.
    private func judge(_ backup: Backup, _ content: BackupContent) async throws -> BackupEvent {
        do {
            try await checkBytes(of: backup, content.seal)
            return .proven(
                try await drillReport(of: backup, content, reading: stored(backup))
            )
        } catch let failure as Failure where failure.code == .backupFailed {
            return .disproved(failure)
        }
    }

    /// Restores what `source` reads and compares it with what was dumped.
    ///
    /// Throws `backup-failed` with what differs.
    func drillReport(
        of backup: Backup,
        _ content: BackupContent,
        reading source: DumpSource,
    ) async throws -> DrillReport {
        let started = time.now
        let (copy, version) = try await server.drill(
            backup,
            from: feed(of: backup, content, reading: source),
        )
        try compare(copy, with: content.fingerprint, of: backup)
        let now = time.now
        return DrillReport(
            at: now,
            took: .seconds(now.timeIntervalSince(started)),
            serverVersion: version,
            tables: copy.tables.count,
            rows: copy.rows,
            countedOnly: content.fingerprint.countedOnly(in: copy),
        )
    }

    /// Hands over what was dumped; throws `backup-failed` at the end when it was not that.
    func feed(of backup: Backup, _ content: BackupContent) -> DumpFeed {
        feed(of: backup, content, reading: stored(backup))
    }

    private func stored(_ backup: Backup) -> DumpSource {
        DumpSource(
            whole: { try await vault.read(backup, into: $0) },
            part: { try await vault.read(backup, $0, into: $1) },
        )
    }

    private func feed(
        of backup: Backup,
        _ content: BackupContent,
        reading source: DumpSource,
    ) -> DumpFeed {
        let total = content.encoding?.plain.size ?? content.seal.size
        return DumpFeed(
            whole: { sink in
                let reading = board.beginReading(of: backup.id, total: total, at: time.now)
                var isWhole = false
                defer { board.endReading(reading, of: backup.id, isWhole: isWhole, at: time.now) }
                let fed = try await source { bytes in
                    try await sink(bytes)
                    board.add(bytes.count, to: backup.id, reading: reading)
                }
                isWhole = true
                try require(content, of: backup, in: fed)
            },
            part: { range, sink in
                let reading = board.beginReading(of: backup.id, total: total, isPart: true, at: time.now)
                defer { board.endReading(reading, of: backup.id, isWhole: false, at: time.now) }
                try await source(range) { bytes in
                    try await sink(bytes)
                    board.add(bytes.count, to: backup.id, reading: reading)
                }
            },
        )
    }

    private func require(_ content: BackupContent, of backup: Backup, in fed: StoredDump) throws(Failure) {
        guard fed.seal == content.seal else { throw changed(backup, from: content.seal, to: fed.seal) }
        guard let written = content.encoding, !written.isRead(as: fed.encoding) else { return }
        throw Failure(
            .backupFailed,
            "the dump of backup \(backup.id) is not what was dumped, once it is decrypted and decompressed",
            evidence: [
                "dumped: \(written.plain.size.bytes) bytes \(written.plain.sha256 ?? "")",
                "read: \(fed.encoding.map { "\($0.plain.size.bytes) bytes \($0.plain.sha256 ?? "")" } ?? "nothing")",
            ],
        )
    }

    func checkBytes(of backup: Backup, _ seal: DumpSeal) async throws {
        do {
            board.begin(.hashing, of: backup.id, total: seal.size, at: time.now)
            let found = try await vault.seal(of: backup) { board.add($0, to: backup.id) }
            guard found == seal else { throw changed(backup, from: seal, to: found) }
        } catch let failure as Failure where failure.code == .notFound {
            throw Failure(.backupFailed, "the dump of backup \(backup.id) is gone", cause: failure.message)
        }
    }

    private func changed(_ backup: Backup, from wanted: DumpSeal, to found: DumpSeal) -> Failure {
        Failure(
            .backupFailed,
            wanted.size == found.size
                ? "the dump of backup \(backup.id) is not what was written: its SHA-256 differs"
                : "the dump of backup \(backup.id) has \(found.size.bytes) bytes instead of \(wanted.size.bytes)",
            hint: "keep it for a look, and make another one: opshub backup create",
            evidence: ["written: \(wanted.sha256)", "on disk: \(found.sha256)"],
        )
    }

    func compare(
        _ copy: DatabaseFingerprint,
        with source: DatabaseFingerprint,
        of backup: Backup,
    ) throws(Failure) {
        let differences = source.differences(in: copy)
        guard let first = differences.first else { return }
        let more = differences.count - 1
        throw Failure(
            .backupFailed,
            "backup \(backup.id) restores to something else: \(first)"
                + (more > 0 ? ", and \(more) more" : ""),
            hint: "keep it for a look, and make another one: opshub backup create",
            evidence: Array(differences.prefix(50)),
        )
    }
}
