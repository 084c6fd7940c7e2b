// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Fills the tables of a lane through a session, as `pg_restore` would, whose program it saves, and reads them back the same way.
struct LaneRestore {
    /// The database, as its superuser.
    let endpoint: PostgresEndpoint
    /// The archive.
    let outline: ArchiveOutline
    /// Which part of it.
    let lane: RestoreLane
    /// How long a table may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    let isBackground: Bool

    /// In bytes: tables of less are not worth a transaction of their own, and not read back by themselves.
    private static let worthwhile: Int64 = 8 << 20
    /// What `pg_restore` sets, and what makes the text of rows mean the same whatever is set for the database.
    private static let settings = [
        "search_path": "", "row_security": "off", "check_function_bodies": "off", "xmloption": "content",
        "lock_timeout": "0", "synchronous_commit": "off", "datestyle": "ISO", "intervalstyle": "postgres",
        "standard_conforming_strings": "on",
    ]
    /// What `pg_dump` sets besides.
    private static let reading = DatabaseDump.settings.merging(
        ["extra_float_digits": "3", "synchronize_seqscans": "off"]
    ) { $1 }

    /// Fills the tables and sets the sequences.
    ///
    /// - Parameters:
    ///   - readsBack: Whether to read back afterwards what is large.
    ///   - feed: Hands the dump over.
    /// - Returns: What was read back.
    /// - Throws: `backup-failed` when the rows are not where they ought to be, `PostgresError` when something did not go in.
    func run(readsBack: Bool, from feed: DumpFeed) async throws -> ReadTables {
        guard !lane.tables.isEmpty || !lane.sequences.isEmpty else { return ReadTables() }
        let endpoint = endpoint.unswayed.with(settings: Self.settings)
        return try await PostgresSession.with(endpoint) { session in
            if isBackground { BackgroundPriority.lower(await session.process) }
            // How its rows are encoded, an archive says in the words of SQL.
            for entry in outline.entries where entry.kind == "ENCODING" {
                try await session.query(entry.statement)
            }
            for run in lane.runs { try await fill(run, session, from: feed) }
            for statement in lane.sequences { try await session.query(statement) }
            return readsBack ? try await readBack(session) : ReadTables()
        }
    }

    private func fill(
        _ tables: ArraySlice<RestoreLane.Table>,
        _ session: PostgresSession,
        from feed: DumpFeed,
    ) async throws {
        guard let begin = tables.first?.place.lowerBound,
            let end = tables.map(\.place.upperBound).max()
        else { return }
        // An extension's tables have rows of its own; only what the archive makes is known to be empty.
        let own = Set(outline.entries.filter { $0.kind == "TABLE" }.map(\.quotedName))
        let filling = TableFilling(
            session: session,
            tables: tables.map { table in
                let isLarge = table.place.size >= Self.worthwhile && own.contains(table.entry.quotedName)
                return (table, isLarge)
            },
            walk: ArchiveWalk(
                ArchiveRows(of: Set(tables.map(\.entry.id))),
                at: begin,
                in: outline.format,
            ),
            deadline: deadline,
        )
        try await feed(begin..<end) { try await filling.take($0) }
        try await filling.finish()
    }

    private func readBack(_ session: PostgresSession) async throws -> ReadTables {
        let large = lane.tables.filter { $0.place.size >= Self.worthwhile && $0.entry.pattern != nil }
        guard !large.isEmpty else { return ReadTables() }
        for (name, value) in Self.reading.sorted(by: { $0.key < $1.key }) {
            try await session.query("SET \(name) TO \(SQLName.literal(value))")
        }
        var found = ReadTables()
        for table in large.prefix(Self.most) {
            let rows = try await session.digest(table.copy.reading, deadline: deadline)
            found.add(table.entry, TableFingerprint(rows: rows.count, digest: rows.digest))
        }
        return found
    }

    /// Each is named in a call of `pg_dump` later.
    private static let most = 50
}

/// Fills tables with the rows of an archive that goes by.
private actor TableFilling {
    private let session: PostgresSession
    private let tables: [Int: (table: RestoreLane.Table, isLarge: Bool)]
    private var walk: ArchiveWalk<ArchiveRows>
    private let deadline: Duration
    private var filled: Set<Int> = []
    private var isLarge = false

    init(
        session: PostgresSession,
        tables: [(RestoreLane.Table, Bool)],
        walk: ArchiveWalk<ArchiveRows>,
        deadline: Duration,
    ) {
        (self.session, self.walk, self.deadline) = (session, walk, deadline)
        self.tables = Dictionary(
            tables.map { ($0.0.entry.id, $0) },
            uniquingKeysWith: { first, _ in first },
        )
    }

    func take(_ bytes: [UInt8]) async throws {
        try walk.read(bytes)
        for piece in walk.visitor.take() {
            switch piece {
            case .begin(let id): try await begin(id)
            case .rows(let rows): try await session.copy(rows, deadline: deadline)
            case .end:
                try await session.endCopy(deadline: deadline)
                if isLarge { try await session.query("COMMIT") }
            }
        }
    }

    /// Throws `backup-failed` when some did not come.
    func finish() throws {
        try walk.finish()
        guard let missing = tables.first(where: { !filled.contains($0.key) })?.value.table else { return }
        throw Failure(
            .backupFailed,
            "the rows of \(missing.entry.quotedName) are not where they ought to be",
        )
    }

    /// A table that is emptied in the transaction that fills it has frozen rows, and a server with `wal_level = minimal` writes them once.
    private func begin(_ id: Int) async throws {
        guard let (table, isLarge) = tables[id], filled.insert(id).inserted else {
            throw Failure(.backupFailed, "the rows of \(id) come twice")
        }
        self.isLarge = isLarge
        guard isLarge else { return try await session.beginCopy(table.copy.filling, deadline: deadline) }
        try await session.query("BEGIN")
        try await session.query("TRUNCATE ONLY \(table.entry.sqlName)")
        try await session.beginCopy(table.copy.freezing, deadline: deadline)
    }
}

extension ArchiveEntry {
    /// As any statement may name it.
    fileprivate var sqlName: String { "\(SQLName.quoted(namespace)).\(SQLName.quoted(tag))" }
}
