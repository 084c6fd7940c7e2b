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
            defer { board.end(id) }
            let backup = try await backup(id)
            // Nothing that is known of good copies is given up for a store that there is not.
            let address = try await address(of: place)
            let known = backup.offsite.flatMap { $0.isAbout(place, at: address) ? $0 : nil }
            if known?.isCopied == true { return backup }
            guard backup.isVerified, let content = backup.content else {
                throw Failure(
                    .conflict,
                    "backup \(id) is \(backup.state.name), and only verified ones are copied",
                    hint: "opshub backup verify \(id)",
                )
            }
            var state = known ?? OffsiteState(store: place, at: address, since: time.now)
            do {
                try await limited(limits.offsite, "the copy of backup \(id) to \(place)") {
                    try await checkBytes(of: backup, content.seal)
                    board.begin(.sending, of: id, total: content.seal.size, at: time.now)
                    try await offsite.send(backup, to: place) { board.add($0, to: id) }
                    board.begin(.readingBack, of: id, total: content.seal.size, at: time.now)
                    try await readBack(backup, content.seal, from: place)
                    try await offsite.publish(backup, to: place)
                }
            } catch let failure as Failure {
                state.failed(failure, at: time.now)
                // A copy that is in another store counts until there is one here.
                if known != nil || backup.offsite?.isCopied != true {
                    _ = try await noted(state, on: backup)
                }
                throw failure
            }
            // A copy that is in another store stays there, and is known no more.
            state.copied(at: time.now)
            return try await noted(state, on: backup)
        }
    }

    private func address(of place: StoreName) async throws -> String {
        guard let address = try await offsite.address(of: place) else { throw noStore(place) }
        return address
    }

    private func noStore(_ place: StoreName) -> Failure {
        Failure(.notFound, "there is no store \(place)", hint: "opshub store add \(place)")
    }

    /// Copies the newest backup that is verified and not in a store yet, as far as one is due.
    ///
    /// One that fails is tried again later, and others have their turn meanwhile, unless the store itself is the reason: then
    /// nothing is sent there for as long.
    ///
    /// - Parameters:
    ///   - environment: Whose.
    ///   - place: The store.
    /// - Returns: What was copied; nil when nothing is due.
    /// - Throws: Why it was not.
    public func copyNext(of environment: EnvironmentKey, to place: StoreName) async throws -> BackupID? {
        let found = StorePlace(store: place, address: try await offsite.address(of: place))
        guard storePauses.isOver(found, at: time.now) else { return nil }
        guard let address = found.address else {
            storePauses.pause(found, from: time.now, for: 600)
            throw noStore(place)
        }
        let due = try await store.backups(of: environment)
            .first { backup in
                guard backup.belongsOffsite else { return false }
                guard let state = backup.offsite, state.isAbout(place, at: address) else { return true }
                return state.isDue(at: time.now)
            }
        guard let due else { return nil }
        do {
            return try await copyOffsite(due.id, to: place).id
        } catch let failure as Failure
            where Self.concernsStore(failure) || due.offsite?.isAbout(place, at: address) == false
        {
            // Also when the backup says nothing of it, because its copy in another store still counts.
            storePauses.pause(found, from: time.now, for: 600)
            throw failure
        }
    }

    private static func concernsStore(_ failure: Failure) -> Bool {
        let codes: Set<Failure.Code> = [
            .unreachable, .unauthorized, .missingProgram, .deadlineExceeded, .notFound, .invalid,
            .damagedState,
        ]
        return codes.contains(failure.code)
    }

    /// Restores a backup from its copy in the store, compares, and returns it off-site verified.
    ///
    /// Throws `conflict` for one that is not off-site, `backup-failed` when the copy is not what it should be: then it is not
    /// off-site any more, and is sent again by and by. When nothing could be found out, that is thrown and nothing changes.
    public func verifyOffsite(_ id: BackupID) async throws -> Backup {
        try await claiming(id, for: "a restore drill of its copy") {
            defer { board.end(id) }
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
                        try await fetch(backup, from: place, into: sink)
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
            let address = try await address(of: place)
            let found = try await copy(of: id, of: environment, in: place)
            let known = try await store.backup(id)
            if let known, known.content?.seal != found.content?.seal {
                throw Failure(
                    .conflict,
                    "another backup is called \(id) here, made at \(known.startedAt.formatted(.iso8601))",
                    hint:
                        "copy the folder of that one by hand (rclone copy), then: opshub backup restore --from DIR --key FILE",
                )
            }
            var returned = try known ?? adopted(found, from: place)
            let arriving = returned
            defer { board.end(id) }
            try await vault.adopt(arriving) { sink in
                try await fetch(found, from: place, into: sink)
            }
            let own = known?.offsite.map { $0.isAbout(place, at: address) && !$0.isForeign } ?? false
            var state = OffsiteState(store: place, at: address, isForeign: !own, since: time.now)
            state.copied(at: time.now)
            returned.offsite = state
            return try await noted(state, on: returned)
        }
    }

    private func fetch(_ backup: Backup, from place: StoreName, into sink: @escaping DumpSink) async throws {
        board.begin(
            .fetching,
            of: backup.id,
            in: backup.database.environment,
            total: backup.content?.seal.size,
            at: time.now,
        )
        try await offsite.read(backup, from: place) { bytes in
            try await sink(bytes)
            board.add(bytes.count, to: backup.id)
        }
    }

    /// A backup of another home, as far as its manifest is to be believed, which nobody has signed: its bytes count once a drill
    /// here has proven them.
    private func adopted(_ found: Backup, from place: StoreName) throws(Failure) -> Backup {
        guard let content = found.content, found.startedAt <= time.now else {
            throw Failure(
                .conflict,
                "backup \(found.id) in store \(place) says that it was made at \(found.startedAt.formatted(.iso8601)), which is yet to come",
                hint: "see whether this machine's clock is right: date",
            )
        }
        var backup = Backup(
            id: found.id,
            of: found.database,
            because: .fetched(from: place),
            at: found.startedAt,
        )
        try backup.apply(.dumped(content), at: time.now)
        return backup
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
                hint:
                    "copy the right one's folder by hand (rclone copy), then: opshub backup restore --from DIR --key FILE",
                evidence: found.map { "made at \($0.startedAt.formatted(.iso8601))" },
            )
        }
        return own ?? first
    }

    private func readBack(_ backup: Backup, _ seal: DumpSeal, from place: StoreName) async throws {
        let found = try await offsite.seal(of: backup, in: place) { board.add($0, to: backup.id) }
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
        return try await recorded(changed)
    }
}

/// A store and where it is: one that nobody had added, or that was somewhere else, has failed in nothing yet.
struct StorePlace: Hashable {
    let store: StoreName
    /// Nil while there is none.
    let address: String?
}
