// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// What a server's pg_stat_statements has counted of one database, at one moment.
struct QueryCounts {
    /// One entry.
    struct Entry {
        /// Role, statement, and whether a client sent it: what the server counts by.
        var key: String
        var calls: Int64
        /// Nil when the server has lost it.
        var text: String?
    }

    /// The server's clock, in seconds since 1970.
    let now: Double
    /// Since when it counts.
    let reset: Double
    /// How often it has forgotten entries to make room for others.
    let evictions: Int64
    /// The database, as long as it is the same.
    let database: Int64
    /// What was counted, the most frequent first; OpsHub's own questions are not among it.
    let entries: [Entry]

    /// What was counted, for tests of what follows from it.
    init(now: Double, reset: Double, evictions: Int64 = 0, database: Int64 = 1, entries: [Entry]) {
        (self.now, self.reset, self.evictions, self.database) = (now, reset, evictions, database)
        self.entries = entries
    }

    /// The schema of the extension's own views, quoted.
    private static func schema(_ session: PostgresSession) async throws -> String {
        let found = try await session.query(
            "SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = $1",
            [library],
        )
        guard let name = found.first?[0] else { throw Failure(.notFound, "\(library) is not there") }
        return name
    }

    /// Reads it; with texts only where they are wanted.
    ///
    /// - Parameters:
    ///   - session: In the server's database `postgres`, as OpsHub.
    ///   - database: Of which database.
    ///   - texts: Whether texts are read.
    /// - Throws: `not-found` for a database that is not there; what the server says.
    init(_ session: PostgresSession, of database: String, texts: Bool) async throws {
        let schema = try await Self.schema(session)
        let about = try await session.query(Self.aboutQuery(schema), [database])
        guard let about = about.first, let id = about.integer(3) else {
            throw Failure(.notFound, "there is no database \(database)")
        }
        self.database = id
        now = Double(about[0]) ?? 0
        reset = Double(about[1]) ?? 0
        evictions = about.integer(2) ?? 0
        entries =
            try await session.query(
                Self.entryQuery(schema),
                ["\(texts)", "\(id)", ClusterRecord.superuser, "\(Self.most)"],
            )
            .map { Entry(key: $0[0], calls: $0.integer(1) ?? 0, text: $0.values[2]) }
    }

    /// So many of the server's entries are looked at: what it keeps when nobody has told it otherwise.
    static let most = 5000

    /// Whether there were more than are looked at.
    var isCut: Bool { entries.count >= Self.most }

    /// Why a server counts no queries; nil when it does, and can be asked from then on.
    ///
    /// - Parameter session: In its database `postgres`, as OpsHub.
    /// - Returns: The reason.
    /// - Throws: What the server says.
    static func absence(_ session: PostgresSession) async throws -> String? {
        let loaded = try await session.query("SHOW shared_preload_libraries").first?[0] ?? ""
        guard loaded.contains(library) else {
            let wanted = try await session.query(
                "SELECT setting, error FROM pg_file_settings WHERE name = 'shared_preload_libraries' ORDER BY seqno DESC LIMIT 1"
            )
            return wanted.first?[0].contains(library) == true
                ? "its server loads \(library) when it is started the next time"
                : "its server does not load \(library)"
        }
        guard try await session.query("SHOW \(library).track").first?[0] != "none" else {
            return "\(library).track is none there"
        }
        try await session.query("CREATE EXTENSION IF NOT EXISTS \(library) SCHEMA public")
        let view = try await session.query(
            "SELECT to_regclass($1) IS NOT NULL",
            ["\(try await schema(session)).\(library)_info"],
        )
        return view.first?.isTrue(0) == true
            ? nil
            : "its \(library) does not say what it has forgotten, as that of PostgreSQL 14 and later does"
    }

    /// What counts them.
    static let library = "pg_stat_statements"

    private static func aboutQuery(_ schema: String) -> String {
        """
        SELECT extract(epoch FROM now()), extract(epoch FROM i.stats_reset), i.dealloc, d.oid::bigint
        FROM \(schema).pg_stat_statements_info i, pg_database d WHERE d.datname = $1
        """
    }

    private static func entryQuery(_ schema: String) -> String {
        """
        SELECT s.userid || '/' || s.queryid || '/' || s.toplevel, s.calls, s.query
        FROM \(schema).pg_stat_statements($1::bool) s JOIN pg_roles r ON r.oid = s.userid
        WHERE s.dbid = $2::oid AND r.rolname <> $3 AND s.queryid IS NOT NULL
        ORDER BY s.calls DESC, 1 LIMIT $4::int
        """
    }
}
