// SPDX-License-Identifier: Apache-2.0
public import Core

extension Restores {
    /// Brings one table of a backup back beside the one that is there, which stays as it is.
    ///
    /// - Parameters:
    ///   - table: `public.orders`, or `orders` where only one schema has one.
    ///   - id: The backup.
    ///   - target: The database that it was made of.
    ///   - name: What the new table is called, without its schema; the backup's name is added to the old one when nil.
    /// - Returns: The new table as SQL writes it, the columns that were filled, and the table that it was.
    /// - Throws: `not-found` without the backup or the table, `conflict` for a backup of another database, and what
    ///   ``TableRestorer`` throws.
    public func restore(
        table: String,
        of id: BackupID,
        into target: DatabaseTarget,
        as name: String? = nil,
    ) async throws -> (made: String, columns: String, source: String, rows: Int64) {
        let (backup, content) = try await usable(id)
        guard backup.database == target else {
            throw Failure(
                .conflict,
                "backup \(id) is of \(backup.database); a single table comes back into the database that it was in",
                hint: "restore the whole backup there, with --mask where rows must not be seen",
            )
        }
        guard target.kind == .postgres else {
            throw Failure(
                .invalid,
                "\(target) is no PostgreSQL database, so it has no tables",
                hint:
                    "restore all of it, or look into it elsewhere: opshub backup restore --from DIR --key FILE --out FILE",
            )
        }
        let source = try Self.resolve(table, in: content, of: id)
        guard var held = content.fingerprint.tables[source] else {
            throw Failure(.unexpected, "\(source) is not in backup \(id)")
        }
        // Earlier versions made digests in another way, which nothing can be compared with.
        if content.fingerprint.reading == nil { held.digest = nil }
        guard name.map({ !$0.isEmpty && $0.utf8.count <= 63 }) != false else {
            throw Failure(.invalid, "a table's name has 1 to 63 bytes")
        }
        defer { backups.board.end(id) }
        try await backups.checkBytes(of: backup, content.seal)
        let wanted = RestoredTable(
            source: source,
            name: name,
            suffix: id.rawValue,
            content: held,
            encoding: content.server.encoding,
        )
        let made = try await backups.lock.hold(
            target,
            for: "a restore of \(source)",
            waiting: backups.limits.waiting,
        ) {
            try await tables.restore(wanted, into: target, from: backups.feed(of: backup, content))
        }
        return (made.table, made.columns, source, held.rows)
    }

    /// The table that somebody means, as fingerprints name it.
    static func resolve(
        _ table: String,
        in content: BackupContent,
        of id: BackupID,
    ) throws(Failure) -> String {
        let all = content.fingerprint.tables.keys.filter { $0 != DatabaseFingerprint.largeObjects }
        if all.contains(table) { return table }
        let found = all.filter { $0.hasSuffix(".\(table)") }.sorted()
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            throw Failure(
                .invalid,
                "backup \(id) has \(found.joined(separator: " and "))",
                hint: "say which: --table \(found[0])",
            )
        }
        let words = all.sorted().prefix(20).joined(separator: ", ")
        throw Failure(
            .notFound,
            "backup \(id) has no table \(table)",
            hint: all.isEmpty
                ? "it has none at all"
                : "it has \(words)\(all.count > 20 ? " and \(all.count - 20) more" : ""); the rows of a partitioned table are in its partitions",
        )
    }
}
