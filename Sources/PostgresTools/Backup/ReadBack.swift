// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// What the lanes of a restore read of what they have filled: large tables in parts, so that all of them are done at the same time.
actor ReadBack {
    /// What one session reads in one go.
    struct Part: Hashable {
        /// The line of the table of contents that its table's rows belong to.
        let entry: ArchiveEntry
        /// `COPY … TO STDOUT`.
        let statement: String
    }

    /// The lanes that may still have something for it.
    private var filling: Set<Int>
    private var parts: [Part] = []
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var found: [Int: (entry: ArchiveEntry, rows: RowDigest)] = [:]

    /// Of so many lanes.
    init(lanes: Int) { filling = Set(0..<lanes) }

    /// Takes what can be read from now on.
    func add(_ more: [Part]) {
        parts += more
        wake()
    }

    /// A lane fills nothing any more; each says so once at least, also when it fails.
    func end(_ lane: Int) {
        filling.remove(lane)
        wake()
    }

    /// What is to be read next; nil when everything is.
    func next() async -> Part? {
        while parts.isEmpty {
            guard !filling.isEmpty else { return nil }
            await withCheckedContinuation { waiting.append($0) }
        }
        return parts.removeFirst()
    }

    /// Takes what was read.
    func note(_ rows: RowDigest, of part: Part) {
        found[part.entry.id, default: (part.entry, RowDigest())].rows.add(rows: rows)
    }

    /// Everything that was read.
    var tables: ReadTables {
        found.values.reduce(into: ReadTables()) { tables, one in
            tables.add(one.entry, TableFingerprint(rows: one.rows.count, digest: one.rows.digest))
        }
    }

    private func wake() {
        for one in waiting { one.resume() }
        waiting = []
    }
}

extension ReadBack.Part {
    /// A table's parts, each of about so many bytes: by where rows lie, which a server finds without reading the rest.
    static func all(
        of table: RestoreLane.Table,
        size: Int64,
        in session: PostgresSession,
    ) async throws -> [ReadBack.Part] {
        let found = try await session.query(
            """
            SELECT pg_table_size(c), pg_relation_size(c) / current_setting('block_size')::bigint
            FROM to_regclass($1) c
            """,
            [table.entry.sqlName],
        )
        let (bytes, blocks) = (found.first?.integer(0) ?? 0, found.first?.integer(1) ?? 0)
        let count = min(bytes / size, blocks, most)
        guard count > 1 else { return [ReadBack.Part(entry: table.entry, statement: table.copy.reading)] }
        let places = (0..<count).map { $0 * blocks / count }
        return places.indices.map { index in
            let end = index + 1 < places.count ? places[index + 1] : nil
            let statement = table.copy.reading(of: table.entry, from: places[index], to: end)
            return ReadBack.Part(entry: table.entry, statement: statement)
        }
    }

    /// More would only be more statements.
    private static let most: Int64 = 256
}
