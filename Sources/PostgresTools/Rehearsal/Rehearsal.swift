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

    /// What each migration did, to what, and what those say to it who use it.
    func report() async throws -> RehearsalReport {
        // What the migration tool asks for itself is nobody's query.
        let books = try await cluster.onOriginal(tool.bookkeeping)
        let record = try await PostgresQueryRecorder.record(of: job, original)
            .map { $0.without(naming: books) }
        let (traces, untried) = try await traces((try? record.get().queries) ?? [])
        let evidence: QueryEvidence =
            switch record {
            case .success(let record): .tried(QueryTrial(record: record, untried: untried))
            case .failure(let absence): .none(absence.reason)
            }
        let tables = try await cluster.onOriginal { try await TableStatistics.all($0) }
        var rates: WorkRates?
        if RehearsalReport.isLong(traces, on: tables) {
            let copy = lent.access.record.endpoint("postgres", as: "rehearsal")
            // Without them it is only not known how long it takes.
            rates = try? await PostgresSession.with(copy) { try await WorkRates.measured($0) }
            try Task.checkCancellation()
        }
        return RehearsalReport(traces: traces, tables: tables, evidence: evidence, rates: rates)
    }

    /// What each migration did, and which of the queries could not be tried on the copy.
    func traces(_ queries: [RecordedQuery]) async throws -> (traces: [MigrationTrace], untried: [Int]) {
        let copy = try elsewhere()
        try await refuseStrayCode(copy)
        let bookkeeping = try await cluster.onOriginal(tool.bookkeeping)
        try await cluster.copySchema(to: lent, withRowsOf: bookkeeping)
        let (owner, copied) = (SQLName.quoted(lent.owner), SQLName.quoted(job.database.name))
        try await administer("CREATE DATABASE \(Self.replayed) OWNER \(owner) TEMPLATE \(copied)")
        let outlook = try await tool.status(of: copy)
        guard !outlook.pending.isEmpty else { return ([], []) }
        var failure: String?
        let statements = try await recording("migrations") {
            do {
                try await tool.apply(outlook.targets, of: copy, onLine: { _ in })
            } catch let error as Failure where error.code == .migrationFailed {
                failure = error.message
            }
        }
        let watch = RehearsalWatch(
            address: lent.url(of: Self.replayed),
            tool: tool,
            pending: outlook.pending,
            bookkeeping: Set(bookkeeping),
            queries: queries,
        )
        return try await watch.traces(of: statements, failure: failure)
    }

    // MARK: Nobody but the copy

    /// The same job on the copy, in which nothing leads to the real database.
    func elsewhere() throws(Failure) -> MigrationJob {
        var copy = job
        copy.isRehearsal = true
        let others = try otherPasswords()
        copy.variables = job.variables.filter { variable in
            !others.contains { variable.value.revealed().contains($0) }
        }
        let real = job.variables["DATABASE_URL"]?.revealed() ?? ""
        let password = try GeneratedPassword.read(original.folder.password)?.revealed()
        for (name, value) in copy.variables.sorted(by: { $0.key < $1.key }) {
            let moved =
                real.isEmpty
                ? value.revealed() : value.revealed().replacing(real, with: lent.url().revealed())
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

    /// A project's code must be seen to ask the copy, while that is empty, and find nothing there; otherwise it has asked
    /// another database, and would change that one.
    func refuseStrayCode(_ copy: MigrationJob) async throws {
        guard tool.runsProjectCode else { return }
        var found: MigrationRevision?
        let asked = try await recording("question") {
            let outlook = try await tool.status(of: copy)
            found = outlook.current.first ?? outlook.unknown.first
        }
        guard found != nil || asked.isEmpty else { return }
        throw Failure(
            .strayMigrations,
            found.map {
                "the migrations found revision \($0) in an empty database: they do not use DATABASE_URL"
            }
                ?? "the migrations did not connect to DATABASE_URL",
            hint:
                "let them connect to DATABASE_URL alone: what they change elsewhere is neither backed up nor locked",
        )
    }

    // MARK: Recording

    /// What the tool's role ran in the copy while `body` ran; the server writes its log a moment later.
    private func recording(
        _ name: String,
        _ body: () async throws -> Void,
    ) async throws -> [RecordedStatement] {
        let (begin, end) = ("'opshub: \(name) begins'", "'opshub: \(name) ends'")
        try await administer("SELECT \(begin)")
        try await body()
        try await administer("SELECT \(end)")
        var bytes: [UInt8] = []
        let isComplete = try await Patience.wait(.seconds(10), pause: .milliseconds(10)) {
            bytes = try FileContent.bytes(of: lent.log) ?? []
            return bytes.suffix(4096).firstRange(of: Array(end.utf8)) != nil
                && bytes.last == UInt8(ascii: "\n")
        }
        guard isComplete else {
            throw Failure(.unexpected, "the throwaway server did not write its log to \(lent.log)")
        }
        return StatementLog(bytes, user: lent.owner, database: job.database.name, from: begin, to: end)
            .statements
    }

    private func administer(_ statement: String) async throws {
        try await PostgresSession.with(lent.access.record.endpoint("postgres", as: "rehearsal")) {
            _ = try await $0.query(statement)
        }
    }
}
