// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

extension Backups {
    /// Copies a verified backup to a store, reads every byte back from there, and returns it off-site.
    ///
    /// Idempotent: one that is in this store already is returned as it is. Whatever fails, the backup says so
    /// (``OffsiteState``), is not off-site, and the failure is thrown. Throws `conflict` for one that is not verified.
    public func copyOffsite(_ id: BackupID, to place: StoreName) async throws -> Backup {
        try await claiming(id, for: "its copy to \(place)") {
            let backup = try await backup(id)
            if backup.offsite?.store == place, backup.offsite?.isCopied == true { return backup }
            guard backup.isVerified, let content = backup.content else {
                throw Failure(
                    .conflict,
                    "backup \(id) is \(backup.state.name), and only verified ones are copied",
                    hint: "opshub backup verify \(id)",
                )
            }
            // A copy that is in another store stays there, and is known no more.
            var state =
                backup.offsite.flatMap { $0.store == place ? $0 : nil }
                ?? OffsiteState(store: place, at: time.now)
            do {
                try await limited(limits.offsite, "the copy of backup \(id) to \(place)") {
                    try await checkBytes(of: backup, content.seal)
                    try await offsite.send(backup, to: place)
                    try await readBack(backup, content.seal, from: place)
                    try await offsite.publish(backup, to: place)
                }
            } catch let failure as Failure {
                state.failed(failure, at: time.now)
                _ = try await noted(state, on: backup)
                throw failure
            }
            state.copied(at: time.now)
            return try await noted(state, on: backup)
        }
    }

    /// Copies whatever is verified and not in a store yet, the newest first, as far as it is due.
    ///
    /// One that fails is tried again later, and keeps the others from their turn only when they would fail too.
    ///
    /// - Parameters:
    ///   - environment: Whose.
    ///   - place: The store.
    /// - Returns: What was copied.
    /// - Throws: The first failure, after everything else was done.
    public func copyDue(of environment: EnvironmentKey, to place: StoreName) async throws -> [BackupID] {
        var (copied, first): ([BackupID], Failure?) = ([], nil)
        for backup in try await store.backups(of: environment) where backup.isVerified {
            if let state = backup.offsite, state.store == place, !state.isDue(at: time.now) { continue }
            do {
                copied.append(try await copyOffsite(backup.id, to: place).id)
            } catch let failure as Failure {
                first = first ?? failure
                let concernsStore: Set<Failure.Code> = [
                    .unreachable, .unauthorized, .missingProgram, .deadlineExceeded, .notFound,
                ]
                if concernsStore.contains(failure.code) { break }
            }
        }
        if let first { throw first }
        return copied
    }

    /// Restores a backup from its copy in the store, compares, and returns it off-site verified.
    ///
    /// Throws `conflict` for one that is not off-site, `backup-failed` when the copy is not what it should be: then it is not
    /// off-site any more, and is sent again by and by. When nothing could be found out, that is thrown and nothing changes.
    public func verifyOffsite(_ id: BackupID) async throws -> Backup {
        try await claiming(id, for: "a restore drill of its copy") {
            let backup = try await backup(id)
            guard let content = backup.content, var state = backup.offsite, state.isCopied else {
                throw Failure(
                    .conflict,
                    "backup \(id) is not off-site, so there is no copy to prove",
                    cause: backup.offsite?.failure?.message,
                )
            }
            let place = state.store
            do {
                let report = try await limited(limits.drill, "the restore drill of \(id)'s copy in \(place)")
                {
                    try await vault.borrow(backup) { sink in
                        try await offsite.read(backup, from: place, into: sink)
                    } body: { copy in
                        try await drillReport(of: backup, content, reading: copy)
                    }
                }
                state.proven(report, at: time.now)
            } catch let failure as Failure where failure.code == .backupFailed {
                state.failed(failure, at: time.now)
                _ = try await noted(state, on: backup)
                throw failure
            }
            return try await noted(state, on: backup)
        }
    }

    /// Brings a backup's files back from a store: one that is missing here, or that another home has made.
    ///
    /// Throws `conflict` when they are here, or another backup has its name; `not-found` when the store has no such one.
    public func fetch(
        _ id: BackupID,
        of environment: EnvironmentKey,
        from place: StoreName,
    ) async throws -> Backup {
        try await claiming(id, for: "its return from \(place)") {
            let found = try await copy(of: id, of: environment, in: place)
            var returned = try await store.backup(id) ?? found
            guard returned.content?.seal == found.content?.seal else {
                throw Failure(
                    .conflict,
                    "another backup is called \(id) here, made at \(returned.startedAt.formatted(.iso8601))",
                    hint: "take that one's folder by hand: opshub backup restore --from DIR --key FILE",
                )
            }
            try await vault.adopt(returned) { sink in
                try await offsite.read(found, from: place, into: sink)
            }
            var state = OffsiteState(store: place, at: time.now)
            state.copied(at: time.now)
            returned.offsite = state
            return try await noted(state, on: returned)
        }
    }

    private func copy(
        of id: BackupID,
        of environment: EnvironmentKey,
        in place: StoreName,
    ) async throws -> Backup {
        let contents = try await offsite.contents(of: environment, in: place)
        let found = contents.backups.filter { $0.id == id }
        guard let first = found.first else {
            throw Failure(
                .notFound,
                "store \(place) has no backup \(id) of \(environment)",
                hint: "see what it has: opshub store show \(place) -e \(environment.environment)",
                evidence: contents.oddities.map { "\($0.folder): \($0.problem)" },
            )
        }
        // The one that this home made, where several homes have used the same names.
        let known = try await store.backup(id)?.content?.seal
        let own = found.first { $0.content?.seal == known }
        guard found.count == 1 || own != nil else {
            throw Failure(
                .conflict,
                "store \(place) has \(found.count) backups \(id) of \(environment), made by different homes",
                hint: "take the right one's folder by hand: opshub backup restore --from DIR --key FILE",
                evidence: found.map { "made at \($0.startedAt.formatted(.iso8601))" },
            )
        }
        return own ?? first
    }

    private func readBack(_ backup: Backup, _ seal: DumpSeal, from place: StoreName) async throws {
        let found = try await offsite.seal(of: backup, in: place)
        guard found != seal else { return }
        throw Failure(
            .backupFailed,
            found.size == seal.size
                ? "store \(place) gave other bytes back than backup \(backup.id) has"
                : "store \(place) gave \(found.size.bytes) bytes of backup \(backup.id) back instead of \(seal.size.bytes)",
            hint: "it is sent again; when that happens more than once, use another store",
            evidence: ["sent: \(seal.sha256)", "read back: \(found.sha256)"],
            isRetryable: true,
        )
    }

    /// Writes down where a backup's copy stands.
    private func noted(_ state: OffsiteState, on backup: Backup) async throws -> Backup {
        var changed = backup
        changed.offsite = state
        let outcome = changed
        try await shielded {
            try await store.save(outcome)
            do {
                try await vault.publish(outcome)
            } catch let failure as Failure where failure.code == .notFound {
                // Its files are gone; the catalogue knows of the copy.
            }
        }
        return outcome
    }
}
