// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Runs recorded statements again, one by one, and looks after each what it did.
///
/// In the recorded transactions; a statement outside of any is given one of its own, and where it refuses one, it runs
/// without, and only what it has left can be seen.
struct StatementReplay {
    /// The statements' own role, in a copy of the database.
    let session: PostgresSession
    /// Tables of the migration tool.
    let bookkeeping: Set<String>

    private var before: SchemaState
    /// What the database had at the beginning: only that can be in anybody's way.
    private let original: SchemaState
    private var (transactions, isWithin) = (0, false)

    /// Begins with the database as it is.
    init(_ session: PostgresSession, bookkeeping: [String]) async throws {
        self.session = session
        self.bookkeeping = Set(bookkeeping)
        original = try await SchemaState(session)
        before = original
    }

    /// Runs a statement; nil for one that only begins or ends a transaction.
    mutating func run(_ statement: RecordedStatement) async throws -> StatementTrace? {
        switch SQLStatement(text: statement.text, line: 1).keyword {
        case "BEGIN", "START":
            try await session.query(statement.text)
            (transactions, isWithin) = (transactions + 1, true)
            before = try await SchemaState(session)
            return nil
        case "COMMIT", "END", "ROLLBACK", "ABORT":
            try await session.query(statement.text)
            // `ROLLBACK TO` ends no transaction.
            isWithin = isWithin && statement.text.uppercased().contains(" TO ")
            return nil
        case _ where isWithin:
            try await session.query(statement.text, statement.parameters)
            return try await trace(statement)
        default: return try await runAlone(statement)
        }
    }

    private mutating func runAlone(_ statement: RecordedStatement) async throws -> StatementTrace {
        transactions += 1
        try await session.query("BEGIN")
        before = try await SchemaState(session)
        do {
            try await session.query(statement.text, statement.parameters)
            let trace = try await trace(statement)
            try await session.query("COMMIT")
            return trace
        } catch let error as PostgresError where error.sqlState == "25001" {
            try await session.query("ROLLBACK")
            try await session.query(statement.text, statement.parameters)
            return try await trace(statement, isAlone: true)
        }
    }

    // MARK: What it did

    private mutating func trace(
        _ statement: RecordedStatement,
        isAlone: Bool = false,
    ) async throws -> StatementTrace {
        let after = try await SchemaState(session)
        defer { before = after }
        var trace = StatementTrace(statement.text, transaction: transactions)
        if SQLStatement(text: statement.text, line: 1).keyword == "TRUNCATE" {
            trace.emptied = rewritten(after)
        } else {
            trace.rewritten = rewritten(after)
            trace.scanned = names(after.scans.filter { $0.value > scansBefore($0.key, after) }.keys)
        }
        trace.locks = locks(after)
        if isAlone, !statement.text.uppercased().contains("CONCURRENTLY") {
            // Its locks are gone; none but the strongest lets a table be written anew.
            for table in trace.rewritten { trace.locks[table] = .accessExclusive }
        }
        for (id, relation) in before.relations where known(id) != nil && relation.kind.lowercased() != "i" {
            guard let now = after.relations[id] else {
                trace.dropped.append(relation.name)
                continue
            }
            if now.name != relation.name { trace.renamed.append(relation.name) }
        }
        compareColumns(after, &trace)
        trace.dropped.sort()
        trace.renamed.sort()
        return trace
    }

    private func compareColumns(_ after: SchemaState, _ trace: inout StatementTrace) {
        for (place, column) in before.columns {
            guard let relation = known(place.relation), after.relations[place.relation] != nil else {
                continue
            }
            let name = "\(relation).\(column.name)"
            guard let now = after.columns[place] else {
                trace.dropped.append(name)
                continue
            }
            if now.name != column.name { trace.renamed.append(name) }
            if now.isRequired, !column.isRequired { trace.required.append(name) }
        }
        for (place, column) in after.columns where before.columns[place] == nil && column.isRequired {
            guard let relation = known(place.relation), before.relations[place.relation] != nil else {
                continue
            }
            trace.required.append("\(relation).\(column.name)")
            trace.added.append("\(relation).\(column.name)")
        }
        trace.required.sort()
        trace.added.sort()
    }

    private func rewritten(_ after: SchemaState) -> [String] {
        names(
            before.relations.keys.filter { id in
                guard let old = before.relations[id], let new = after.relations[id], old.table == nil else {
                    return false
                }
                return old.file != "0" && old.file != new.file
            }
        )
    }

    private func locks(_ after: SchemaState) -> [String: LockMode] {
        var locks: [String: LockMode] = [:]
        for (id, mode) in after.locks where (before.locks[id].map { $0 < mode }) ?? true {
            guard let name = known(before.table(id)) else { continue }
            // Whoever wants a table needs a lock on its indexes as well, the weakest there is.
            guard before.table(id) == id || mode == .accessExclusive else { continue }
            locks[name] = max(locks[name] ?? mode, mode)
        }
        return locks
    }

    private func scansBefore(_ table: Int64, _ after: SchemaState) -> Int64 {
        let (old, new) = (before.scans[table] ?? 0, after.scans[table] ?? 0)
        return new < old ? 0 : old
    }

    /// The name of a relation that was there at the beginning, by its name of now; nil for any other.
    private func known(_ id: Int64) -> String? {
        guard original.relations[id] != nil, let name = before.relations[id]?.name,
            !bookkeeping.contains(name)
        else { return nil }
        return name
    }

    /// Tables, once each and in order; an index counts as its table.
    private func names(_ ids: some Sequence<Int64>) -> [String] {
        Set(ids.compactMap { known(before.table($0)) }).sorted()
    }
}
