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
    /// Which of the lanes it is.
    let number: Int
    /// How long a table may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    let isBackground: Bool

    /// What it reads together with the others; nil where nothing is to be read.
    var readBack: ReadBack?

    /// In bytes: tables of less are not worth a transaction of their own, and not read back by themselves.
    private static let worthwhile: Int64 = 8 << 20
    /// In bytes: a part of a table that is read back.
    private static let part: Int64 = 32 << 20
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

    /// Fills the tables and sets the sequences, and reads what is large as long as there is something to read in any lane.
    ///
    /// - Parameter feed: Hands the dump over.
    /// - Throws: `backup-failed` when the rows are not where they ought to be, `PostgresError` when something did not go in.
    func run(from feed: DumpFeed) async throws {
        guard readBack != nil || !lane.tables.isEmpty || !lane.sequences.isEmpty else { return }
        let endpoint = endpoint.unswayed.with(settings: Self.settings)
        try await PostgresSession.with(endpoint) { session in
            if isBackground { BackgroundPriority.lower(await session.process) }
            // How its rows are encoded, an archive says in the words of SQL.
            for entry in outline.entries where entry.kind == "ENCODING" {
                try await session.query(entry.statement)
            }
            for run in lane.runs { try await fill(run, session, from: feed) }
            for statement in lane.sequences { try await session.query(statement) }
            if let readBack { try await read(session, readBack) }
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

    private func read(_ session: PostgresSession, _ readBack: ReadBack) async throws {
        for (name, value) in Self.reading.sorted(by: { $0.key < $1.key }) {
            try await session.query("SET \(name) TO \(SQLName.literal(value))")
        }
        let large = lane.tables.filter { $0.place.size >= Self.worthwhile && $0.entry.pattern != nil }
        for table in large.prefix(Self.most) {
            await readBack.add(try await ReadBack.Part.all(of: table, size: Self.part, in: session))
        }
        await readBack.end(number)
        while let part = await readBack.next() {
            await readBack.note(try await session.digest(part.statement, deadline: deadline), of: part)
        }
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
