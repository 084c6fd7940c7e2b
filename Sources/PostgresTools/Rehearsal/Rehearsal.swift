// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// One rehearsal on a throwaway server that runs.
struct Rehearsal {
    /// The database that it is about.
    let original: ClusterAccess
    /// What fills the copy.
    let cluster: ThrowawayCluster
    /// The server.
    let lent: ThrowawayCluster.Lent
    /// The migrations.
    let job: MigrationJob
    /// What applies them.
    let tool: any RecordedTool

    private static let replayed = "opshub_replay"
    private static let marks = (begin: "'opshub: the recording begins'", end: "'opshub: the recording ends'")

    /// What each migration did.
    func traces() async throws -> [MigrationTrace] {
        let copy = try elsewhere()
        try await refuseStrayCode(copy)
        let bookkeeping = try await asOpsHub(original, tool.bookkeeping)
        try await cluster.copySchema(to: lent, withRowsOf: bookkeeping)
        try await administer(
            "CREATE DATABASE \(Self.replayed) OWNER \(SQLName.quoted(lent.owner)) TEMPLATE \(SQLName.quoted(job.database.name))"
        )
        let outlook = try await tool.status(of: copy)
        guard !outlook.pending.isEmpty else { return [] }
        var failure: String?
        try await administer("SELECT \(Self.marks.begin)")
        do {
            try await tool.apply(outlook.targets, of: copy, onLine: { _ in })
        } catch let error as Failure where error.code == .migrationFailed {
            failure = error.message
        }
        try await administer("SELECT \(Self.marks.end)")
        return try await watched(try await recorded(), outlook.pending, bookkeeping, failure)
    }

    /// How large the real tables are.
    func tables() async throws -> [String: TableStatistics] {
        let rows = try await asOpsHub(original) { try await $0.query(Self.tableQuery) }
        return Dictionary(
            rows.map { row in
                let counted = row.integer(2) ?? -1
                return (
                    row[0],
                    TableStatistics(
                        size: ByteCount(row.integer(1) ?? 0),
                        rows: counted < 0 ? nil : counted,
                        hasRows: row.isTrue(3),
                    ),
                )
            },
            uniquingKeysWith: { first, _ in first },
        )
    }

    // MARK: Nobody but the copy

    /// The same job on the copy, in which nothing leads to the real database.
    private func elsewhere() throws(Failure) -> MigrationJob {
        var copy = job
        let others = try otherPasswords()
        copy.variables = job.variables.filter { variable in
            !others.contains { variable.value.revealed().contains($0) }
        }
        let real = job.variables["DATABASE_URL"]?.revealed() ?? ""
        let password = try GeneratedPassword.read(original.folder.password)?.revealed()
        for (name, value) in copy.variables.sorted(by: { $0.key < $1.key }) {
            let moved = value.revealed().replacing(real, with: lent.url().revealed())
            if let password, moved.contains(password) {
                throw Failure(
                    .conflict,
                    "\(name) leads to the real database as well, so its migrations are not rehearsed",
                    hint: "let migrations use DATABASE_URL alone",
                )
            }
            copy.variables[name] = Secret(moved)
        }
        copy.variables["DATABASE_URL"] = lent.url()
        return copy
    }

    /// Those of the environment's other databases, of which there is no copy.
    private func otherPasswords() throws(Failure) -> [String] {
        let folder = original.folder.path.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
        var found: [String] = []
        for name in try Folder.names(in: folder) {
            let other = ClusterFolder(path: "\(folder)/\(name)")
            guard other != original.folder, let password = try GeneratedPassword.read(other.password) else {
                continue
            }
            found.append(password.revealed())
        }
        return found
    }

    /// A project's code that finds a revision in an empty database has looked into another one.
    private func refuseStrayCode(_ copy: MigrationJob) async throws {
        guard tool.runsProjectCode else { return }
        let found = try await tool.status(of: copy)
        guard let revision = found.current.first ?? found.unknown.first else { return }
        throw Failure(
            .conflict,
            "the migrations found revision \(revision) in an empty database: they do not use DATABASE_URL",
            hint: "let them connect to DATABASE_URL alone; they are not rehearsed before that",
        )
    }

    // MARK: Recording and replay

    /// What the tool's role ran in the copy; the server writes its log a moment later.
    private func recorded() async throws -> [RecordedStatement] {
        let end = Array(Self.marks.end.utf8)
        var bytes: [UInt8] = []
        let isComplete = try await Patience.wait(.seconds(10), pause: .milliseconds(10)) {
            bytes = try FileContent.bytes(of: lent.log) ?? []
            return bytes.suffix(4096).firstRange(of: end) != nil && bytes.last == UInt8(ascii: "\n")
        }
        guard isComplete else {
            throw Failure(.unexpected, "the throwaway server did not write its log to \(lent.log)")
        }
        return StatementLog(
            bytes,
            user: lent.owner,
            database: job.database.name,
            from: Self.marks.begin,
            to: Self.marks.end,
        )
        .statements
    }

    private func watched(
        _ statements: [RecordedStatement],
        _ pending: [PendingMigration],
        _ bookkeeping: [String],
        _ failure: String?,
    ) async throws -> [MigrationTrace] {
        try await PostgresSession.with(PostgresEndpoint(url: lent.url(of: Self.replayed))) { session in
            var traces: [MigrationTrace] = []
            var open: [StatementTrace] = []
            var left = pending
            var replay = try await StatementReplay(session, bookkeeping: bookkeeping)
            for statement in try statements.flatMap(Self.single) {
                do {
                    if let trace = try await replay.run(statement) { open.append(trace) }
                } catch let error as PostgresError where failure != nil && !error.isUnavailable {
                    break
                }
                let recorded = tool.revision(recordedBy: statement, among: Set(left.map(\.id)))
                guard let recorded, let index = left.firstIndex(where: { $0.id == recorded }) else {
                    continue
                }
                traces.append(MigrationTrace(migration: left.remove(at: index), statements: open))
                open = []
            }
            if let failure, let next = left.first {
                traces.append(MigrationTrace(migration: next, statements: open, failure: failure))
            }
            return traces
        }
    }

    /// A call may have had several statements in it.
    private static func single(_ statement: RecordedStatement) throws -> [RecordedStatement] {
        guard statement.parameters.isEmpty else { return [statement] }
        return try SQLScript.statements(statement.text).map { RecordedStatement($0.text) }
    }

    // MARK: Sessions

    private func administer(_ statement: String) async throws {
        try await PostgresSession.with(lent.access.record.endpoint("postgres", as: "rehearsal")) {
            _ = try await $0.query(statement)
        }
    }

    private func asOpsHub<Result: Sendable>(
        _ access: ClusterAccess,
        _ body: (PostgresSession) async throws -> Result,
    ) async throws -> Result {
        try await PostgresSession.with(
            access.record.endpoint(job.database.name, as: "rehearsal"),
            body: body,
        )
    }

    private static let tableQuery = """
        SELECT n.nspname || '.' || c.relname, pg_total_relation_size(c.oid), c.reltuples::bigint,
            pg_relation_size(c.oid) > 0
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
}
