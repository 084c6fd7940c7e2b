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

    /// What each migration did, as far as they came.
    func traces(of statements: [RecordedStatement], failure: String?) async throws -> [MigrationTrace] {
        try await PostgresSession.with(PostgresEndpoint(url: address)) { session in
            let original = try await SchemaState(session)
            let sessions = ReplaySessions(address: address)
            do {
                let traces = try await replay(statements, from: original, sessions, failure)
                await sessions.close()
                return traces
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
        _ failure: String?,
    ) async throws -> [MigrationTrace] {
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
            let changes = comparison.changes(from: before, to: after)
            before = after
            add(open.removeValue(forKey: statement.session) ?? [], changes, to: revision, in: &traces)
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
        to revision: MigrationRevision,
        in traces: inout [MigrationTrace],
    ) {
        if let index = traces.firstIndex(where: { $0.migration.id == revision }) {
            traces[index].statements += statements
            traces[index].changes.formUnion(changes)
        } else if let migration = pending.first(where: { $0.id == revision }) {
            traces.append(MigrationTrace(migration: migration, statements: statements, changes: changes))
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
