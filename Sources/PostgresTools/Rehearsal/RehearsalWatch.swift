// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Runs recorded statements again and sorts what they did by migration.
struct RehearsalWatch {
    /// A second copy, as its owner reaches it.
    let address: Secret
    /// Knows which statement writes a migration down as applied.
    let tool: any RecordedTool
    /// What was to be applied, in order.
    let pending: [PendingMigration]
    /// The tool's own tables.
    let bookkeeping: Set<String>
    /// What the release that serves asks for.
    let queries: [RecordedQuery]

    /// What each migration did, as far as they came; and which of the queries could not be tried.
    func traces(
        of statements: [RecordedStatement],
        failure: String?,
    ) async throws -> (traces: [MigrationTrace], untried: [Int]) {
        try await PostgresSession.with(PostgresEndpoint(url: address)) { session in
            let original = try await SchemaState(session)
            let all = Dictionary(uniqueKeysWithValues: queries.enumerated().map { ($0.offset, $0.element) })
            let untried = try await QueryProbe(session: session).refusals(of: all) ?? all.mapValues(\.text)
            let working = all.filter { untried[$0.key] == nil }
            let sessions = ReplaySessions(address: address)
            do {
                let traces = try await replay(statements, from: original, sessions, working, failure)
                await sessions.close()
                return (traces, untried.keys.sorted())
            } catch {
                await sessions.close()
                throw error
            }
        }
    }

    private func replay(
        _ statements: [RecordedStatement],
        from original: SchemaState,
        _ sessions: ReplaySessions,
        _ queries: [Int: RecordedQuery],
        _ failure: String?,
    ) async throws -> [MigrationTrace] {
        var working = queries
        let comparison = SchemaComparison(original: original, bookkeeping: bookkeeping)
        let (numbers, revisions) = (TransactionNumbers(), Set(pending.map(\.id)))
        var replays: [String: StatementReplay] = [:]
        var open: [String: [StatementTrace]] = [:]
        var traces: [MigrationTrace] = []
        var before = original
        for statement in statements.flatMap(Self.single) {
            let session = try await sessions.session(statement.session)
            var replay =
                if let known = replays[statement.session] { known } else {
                    try await StatementReplay(
                        session,
                        original: original,
                        bookkeeping: bookkeeping,
                        numbers: numbers,
                    )
                }
            let trace = try await replay.run(statement)
            replays[statement.session] = replay
            guard let revision = tool.revision(recordedBy: statement, among: revisions) else {
                if let trace { open[statement.session, default: []].append(trace) }
                continue
            }
            let after = try await SchemaState(session)
            var changes = comparison.changes(from: before, to: after)
            changes.mentions = try await Mentions(session: session).functions(naming: changes.gone)
            before = after
            // What is broken once is told of the migration that did it.
            let refusals = try await QueryProbe(session: session).refusals(of: working)
            let broken = (refusals ?? [:])
                .compactMap { place, reason in
                    working.removeValue(forKey: place).map { BrokenQuery($0, reason: reason) }
                }
            add(
                open.removeValue(forKey: statement.session) ?? [],
                changes,
                (broken, refusals.map { _ in working.count }),
                to: revision,
                in: &traces,
            )
        }
        let left = open.sorted { $0.key < $1.key }.flatMap(\.value)
        let next = pending.first { migration in !traces.contains { $0.migration == migration } }
        if let failure, let next {
            traces.append(MigrationTrace(migration: next, statements: left, failure: failure))
        } else if !left.isEmpty, !traces.isEmpty {
            // What a tool does after it has written the last one down.
            traces[traces.count - 1].statements += left
        }
        return traces
    }

    /// The same revision may be written down several times, once for each schema of its tenants for example.
    private func add(
        _ statements: [StatementTrace],
        _ changes: SchemaChanges,
        _ queries: (broken: [BrokenQuery], working: Int?),
        to revision: MigrationRevision,
        in traces: inout [MigrationTrace],
    ) {
        if let index = traces.firstIndex(where: { $0.migration.id == revision }) {
            traces[index].statements += statements
            traces[index].changes.formUnion(changes)
            traces[index].broken += queries.broken
            traces[index].working = queries.working
        } else if let migration = pending.first(where: { $0.id == revision }) {
            traces.append(
                MigrationTrace(
                    migration: migration,
                    statements: statements,
                    changes: changes,
                    broken: queries.broken,
                    working: queries.working,
                )
            )
        }
    }

    /// A call may have had several statements in it.
    private static func single(_ statement: RecordedStatement) -> [RecordedStatement] {
        guard statement.parameters.isEmpty, let parts = try? SQLScript.statements(statement.text) else {
            // What can't be taken apart is run as it is.
            return [statement]
        }
        return parts.enumerated()
            .map { index, part in
                var single = statement
                single.text = part.text
                single.failed = statement.failed && index == parts.count - 1
                return single
            }
    }
}

/// One session for each that was recorded, so that what one sets or rolls back is not another's.
private actor ReplaySessions {
    private let address: Secret
    private var sessions: [String: PostgresSession] = [:]

    init(address: Secret) {
        self.address = address
    }

    func session(_ name: String) async throws -> PostgresSession {
        if let known = sessions[name] { return known }
        // One that waits for another's lock would wait for ever, since both are run by turns.
        let endpoint = PostgresEndpoint(url: address).with(settings: ["lock_timeout": "2000"])
        let made = try await PostgresSession.connect(endpoint)
        sessions[name] = made
        return made
    }

    func close() async {
        for session in sessions.values { await session.close() }
        sessions = [:]
    }
}

/// Functions of a database by what stands in their text: what they use is looked up only when they run.
private struct Mentions {
    let session: PostgresSession

    func functions(
        naming places: [SchemaChanges.Place]
    ) async throws -> [SchemaChanges.Place: [String]] {
        var found: [SchemaChanges.Place: [String]] = [:]
        for place in places {
            let name = place.column ?? place.relation.split(separator: ".").last.map(String.init) ?? ""
            let table = place.relation.split(separator: ".").last.map(String.init) ?? ""
            let functions = try await session.query(Self.query, [name, table]).map { $0[0] }
            if !functions.isEmpty { found[place] = functions }
        }
        return found
    }

    /// Of a column only functions that name its table too, or are a trigger of it.
    private static let query = """
        SELECT 'function ' || n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND p.prolang NOT IN (SELECT oid FROM pg_language WHERE lanname IN ('c', 'internal'))
            AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
            AND lower($1) = ANY (regexp_split_to_array(lower(p.prosrc), '[^[:alnum:]_$]+'))
            AND (lower($2) = ANY (regexp_split_to_array(lower(p.prosrc), '[^[:alnum:]_$]+'))
                OR EXISTS (SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgfoid = p.oid AND c.relname = $2))
        ORDER BY 1
        """
}
