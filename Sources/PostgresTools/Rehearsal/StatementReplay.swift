// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// Runs what one session was recorded to run again, statement by statement, and looks after each what it did.
///
/// In the recorded transactions; a statement outside of any is given one of its own, and where it refuses one, it runs
/// without, and only what it has left can be seen.
struct StatementReplay {
    /// What the first statement in each transaction gets: numbers that no other session's have.
    let numbers: TransactionNumbers
    /// The statements' own role, in a copy of the database.
    let session: PostgresSession
    /// Tables of the migration tool.
    let bookkeeping: Set<String>
    /// The database before any of it: only what it had then can be in anybody's way.
    let original: SchemaState

    private var activity: SessionActivity
    /// The file of each table and index that the database had at the beginning.
    private var files: [Int64: String]
    private var (transaction, isWithin) = (0, false)

    /// Begins with the database as it is.
    init(
        _ session: PostgresSession,
        original: SchemaState,
        bookkeeping: Set<String>,
        numbers: TransactionNumbers = TransactionNumbers(),
    ) async throws {
        self.session = session
        self.original = original
        self.bookkeeping = bookkeeping
        self.numbers = numbers
        files = try await Self.files(session, nil)
        activity = try await SessionActivity(session)
    }

    /// Runs a statement; nil for one that only begins or ends a transaction.
    mutating func run(_ statement: RecordedStatement) async throws -> StatementTrace? {
        switch SQLStatement(text: statement.text, line: 1).keyword {
        case "BEGIN", "START":
            // Before it begins: its first statement may be one that only the first can be.
            activity = try await SessionActivity(session)
            try await session.query(statement.text)
            (transaction, isWithin) = (numbers.next(), true)
            return nil
        case "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE":
            return try await runControl(statement)
        case _ where isWithin: return try await runWithin(statement)
        default: return try await runAlone(statement)
        }
    }

    private mutating func runControl(_ statement: RecordedStatement) async throws -> StatementTrace? {
        let words = statement.text.uppercased()
        // Neither a savepoint, nor going back to one, ends the transaction; anything else does, also where it fails.
        let isPartial = words.hasPrefix("SAVEPOINT") || words.hasPrefix("RELEASE") || words.contains(" TO ")
        isWithin = isWithin && isPartial
        do {
            try await session.query(statement.text)
            return nil
        } catch let error as PostgresError where !error.isUnavailable {
            return statement.failed ? nil : unwatched(statement, error.message)
        }
    }

    private mutating func runWithin(_ statement: RecordedStatement) async throws -> StatementTrace? {
        guard !statement.readsInput else { return unwatched(statement, "it reads rows from its client") }
        do {
            try await session.query("SAVEPOINT opshub_statement")
        } catch let error as PostgresError where !error.isUnavailable {
            // What failed before it has ended the transaction.
            return statement.failed ? nil : unwatched(statement, error.message)
        }
        do {
            let changed = try await changed(by: statement)
            try await session.query(statement.text, statement.parameters)
            try await session.query("RELEASE SAVEPOINT opshub_statement")
            return try await trace(statement, changed)
        } catch let error as PostgresError where !error.isUnavailable {
            try await session.query("ROLLBACK TO SAVEPOINT opshub_statement")
            return statement.failed ? nil : unwatched(statement, error.message)
        }
    }

    private mutating func runAlone(_ statement: RecordedStatement) async throws -> StatementTrace? {
        guard !statement.readsInput else { return unwatched(statement, "it reads rows from its client") }
        (transaction, activity) = (numbers.next(), try await SessionActivity(session))
        do {
            try await session.query("BEGIN")
            let changed = try await changed(by: statement)
            try await session.query(statement.text, statement.parameters)
            let trace = try await trace(statement, changed)
            try await session.query("COMMIT")
            return trace
        } catch let error as PostgresError where !error.isUnavailable {
            try await session.query("ROLLBACK")
            // It refuses a transaction, or wants to end it by itself (25001, 2D000).
            guard ["25001", "2D000"].contains(error.sqlState) else {
                return statement.failed ? nil : unwatched(statement, error.message)
            }
        }
        do {
            try await session.query(statement.text, statement.parameters)
            return try await traceAlone(statement)
        } catch let error as PostgresError where !error.isUnavailable {
            return statement.failed ? nil : unwatched(statement, error.message)
        }
    }

    private func unwatched(_ statement: RecordedStatement, _ reason: String) -> StatementTrace {
        StatementTrace(statement.text, transaction: transaction, unwatched: reason)
    }

    // MARK: What it did

    private mutating func trace(
        _ statement: RecordedStatement,
        _ changed: ChangedTable?,
    ) async throws -> StatementTrace {
        let after = try await SessionActivity(session)
        var trace = StatementTrace(statement.text, transaction: transaction)
        for (id, mode) in after.locks(since: activity) {
            guard let name = known(original.table(id)) else { continue }
            // Whoever wants a table needs a lock on its indexes as well, the weakest there is.
            guard original.table(id) == id || mode == .accessExclusive else { continue }
            trace.locks[name] = max(trace.locks[name] ?? mode, mode)
        }
        // Nothing but the strongest lock lets a table have another file.
        let held = after.locks.filter { $0.value == .accessExclusive && original.relations[$0.key] != nil }
        let rewritten = try await refiled(Set(held.keys)).filter { original.relations[$0]?.isIndex == false }
        if SQLStatement(text: statement.text, line: 1).keyword == "TRUNCATE" {
            trace.emptied = names(rewritten)
        } else {
            trace.rewritten = names(rewritten)
            trace.scanned = names(after.scanned(since: activity))
        }
        if let changed, let name = known(changed.table) {
            (trace.changed, trace.isUnconditional) = ([name], changed.isUnconditional)
        }
        activity = after
        return trace
    }

    /// Of a statement that is over, with its locks: another file says what it did.
    private mutating func traceAlone(_ statement: RecordedStatement) async throws -> StatementTrace {
        var trace = StatementTrace(statement.text, transaction: transaction)
        let refiled = try await refiled(nil)
        let keepsOut = !statement.text.uppercased().contains("CONCURRENTLY")
        trace.rewritten = names(refiled.filter { original.relations[$0]?.isIndex == false })
        trace.scanned = names(refiled.filter { original.relations[$0]?.isIndex == true })
        guard keepsOut else { return trace }
        for table in trace.scanned { trace.locks[table] = .share }
        for table in trace.rewritten { trace.locks[table] = .accessExclusive }
        return trace
    }

    /// Tables and indexes that have another file than before; of these alone, or of all.
    private mutating func refiled(_ relations: Set<Int64>?) async throws -> [Int64] {
        if let relations, relations.isEmpty { return [] }
        let now = try await Self.files(session, relations)
        let changed = now.filter { (files[$0.key] ?? $0.value) != $0.value }
        files.merge(now) { $1 }
        return Array(changed.keys)
    }

    private static func files(
        _ session: PostgresSession,
        _ relations: Set<Int64>?,
    ) async throws -> [Int64: String] {
        let filter = relations.map { $0.sorted().map(String.init).joined(separator: ",") }
        let rows = try await session.query(
            """
            SELECT oid::bigint, relfilenode::text FROM pg_class
            WHERE relfilenode <> 0 AND relkind IN ('r', 'm', 'i') AND oid >= 16384
                AND ($1::text IS NULL OR oid = ANY (string_to_array($1, ',')::oid[]))
            """,
            [filter],
        )
        return rows.reduce(into: [:]) { files, row in
            if let relation = row.integer(0) { files[relation] = row[1] }
        }
    }

    // MARK: Rows

    /// A table of which a statement changes rows.
    private struct ChangedTable {
        var table: Int64
        var isUnconditional: Bool
    }

    /// The table that an `UPDATE`, `DELETE` or `MERGE` is about, unless it finds single rows by a key.
    ///
    /// The copy is empty, and what the server would do there says nothing; so it is asked what it would do without reading
    /// tables whole.
    private func changed(by statement: RecordedStatement) async throws -> ChangedTable? {
        guard let target = statement.changedTable else { return nil }
        let found = try await session.query("SELECT to_regclass($1)::oid::bigint", [target])
        guard let table = found.first?.integer(0), original.relations[table] != nil else { return nil }
        let isUnconditional =
            !statement.text.uppercased().contains("WHERE") && !statement.text.uppercased().contains("MERGE")
        if !isUnconditional, try await isByKey(statement) { return nil }
        return ChangedTable(table: table, isUnconditional: isUnconditional)
    }

    private func isByKey(_ statement: RecordedStatement) async throws -> Bool {
        try await session.query("SAVEPOINT opshub_plan")
        var plan: [String] = []
        do {
            try await session.query("SET LOCAL enable_seqscan = off")
            try await session.query("SET LOCAL enable_bitmapscan = off")
            plan = try await session.query("EXPLAIN (COSTS OFF) \(statement.text)", statement.parameters)
                .map { $0[0] }
        } catch let error as PostgresError where !error.isUnavailable {
            // Whatever it is, it does not look like a row by its key.
            plan = []
        }
        try await session.query("ROLLBACK TO SAVEPOINT opshub_plan")
        let conditions = plan.filter { $0.contains("Index Cond:") }
        return !conditions.isEmpty && !plan.contains { $0.contains("Seq Scan") }
            && !conditions.contains { $0.contains("<") || $0.contains(">") || $0.contains("ANY") }
    }

    // MARK: Names

    /// The name that a table has in the real database; nil for one that it does not have.
    private func known(_ id: Int64) -> String? {
        guard let name = original.relations[id]?.name, !bookkeeping.contains(name) else { return nil }
        return name
    }

    /// Tables, once each and in order; an index counts as its table.
    private func names(_ ids: some Sequence<Int64>) -> [String] {
        Set(ids.compactMap { known(original.table($0)) }).sorted()
    }
}

/// Numbers for transactions, each once.
final class TransactionNumbers: Sendable {
    private let last = Mutex(0)

    /// The next one.
    func next() -> Int {
        last.withLock { last in
            last += 1
            return last
        }
    }
}
