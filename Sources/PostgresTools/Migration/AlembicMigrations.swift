// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
public import Delivery
import Glibc
import HostSystem

/// Migrations with Alembic: the project's own, from the service's virtual environment, or the one in `PATH`.
///
/// It runs the project's code, so it runs as the account that builds there. `lock_timeout` and
/// `statement_timeout` reach the server through `PGOPTIONS`, which every driver on libpq reads; for the others
/// a ``LockWatch`` sees to them.
public struct AlembicMigrations: MigrationTool {
    private let builder: any BuildRunner
    private let lockTimeout: Duration

    /// Migrations that are run like a build.
    ///
    /// - Parameters:
    ///   - builder: Runs commands as the environment's unprivileged account.
    ///   - lockTimeout: How long a statement may wait for a lock.
    public init(builder: any BuildRunner, lockTimeout: Duration = SQLMigrations.lockTimeout) {
        self.builder = builder
        self.lockTimeout = lockTimeout
    }

    /// Reads history, heads and current revisions; see ``DataSafety/MigrationTool``.
    public func status(of job: MigrationJob) async throws -> MigrationOutlook {
        let (history, unreadable) = try await run(["history", "--verbose"], job)
        if let unreadable { throw failed(unreadable, job, history, "asking Alembic for its history") }
        // Not `history --indicate-current`: that passes over a revision that the release does not have.
        let (current, unknown) = try await run(["current", "--verbose"], job)
        guard let unknown else {
            return AlembicHistory(history).outlook(at: AlembicHistory(current).revisions.map(\.id))
        }
        guard let revision = AlembicOutput(current).unknownRevision else {
            throw failed(unknown, job, current, "asking Alembic for the current revision")
        }
        return AlembicHistory(history).outlook(atUnknown: MigrationRevision(revision))
    }

    /// Runs `alembic upgrade` for each target; see ``DataSafety/MigrationTool``.
    public func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        for target in targets {
            guard target.rawValue.utf8.first != UInt8(ascii: "-"), !target.rawValue.contains("+") else {
                throw Failure(
                    .invalid,
                    "'\(target)' is a relative revision, which means something else after each run",
                )
            }
            let (output, failure, watch) = try await change(["upgrade", target.rawValue], job, onLine)
            guard let failure else { continue }
            let running = AlembicOutput(output).running
            throw changeFailed(
                failure,
                running.map { "revision \($0)" } ?? "upgrading to \(target)",
                watch,
                output,
            )
        }
    }

    func run(
        _ arguments: [String],
        _ job: MigrationJob,
        _ watch: LockWatch? = nil,
        _ onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async throws -> (lines: [String], failure: Failure?) {
        let own = "\(job.service)/.venv/bin/alembic"
        let program = Program(unsafe access(own, X_OK) == 0 ? own : "alembic", arguments)
        let lines = LineCollector()
        let command = BuildCommand(
            environment: job.database.environment,
            line: program.description,
            directory: job.directory,
            variables: variables(of: job),
            timeout: job.timeout,
        )
        do {
            try await watch.during {
                try await builder.run(command) { line in
                    let line = job.redacted(line)
                    lines.add(line)
                    await onLine(line)
                }
            }
            return (lines.all, nil)
        } catch var failure as Failure {
            failure.evidence = failure.evidence.map(job.redacted)
            guard failure.code == .buildFailed else { throw failure }
            return (lines.all, failure)
        }
    }

    private func variables(of job: MigrationJob) -> [String: Secret] {
        let own = job.variables["PGOPTIONS"]?.revealed() ?? ""
        let limits =
            "-c lock_timeout=\(lockTimeout.inMilliseconds) -c statement_timeout=\(job.timeout.inMilliseconds)"
        return job.variables.merging([
            "PGOPTIONS": Secret(own.isEmpty ? limits : "\(own) \(limits)"),
            "PGAPPNAME": Secret(SQLMigrations.sessionName),
            // A built release is sealed, and Python would only complain.
            "PYTHONDONTWRITEBYTECODE": Secret("1"),
            "PYTHONUNBUFFERED": Secret("1"),
        ]) { _, ours in ours }
    }

    /// Runs a command that changes the schema.
    func change(
        _ arguments: [String],
        _ job: MigrationJob,
        _ onLine: @Sendable @escaping (String) async -> Void = { _ in },
    ) async throws -> (lines: [String], failure: Failure?, watch: LockWatch?) {
        var job = job
        let mark = String(UInt64.random(in: .min ... .max), radix: 16)
        job.variables[LockWatch.variable] = Secret(mark)
        let watch = LockWatch(job, limit: lockTimeout, over: .programs(mark: mark))
        let (lines, failure) = try await run(arguments, job, watch, onLine)
        return (lines, failure, watch)
    }

    /// What to say of such a command, of which it is known what it was doing.
    func changeFailed(
        _ failure: Failure,
        _ doing: String,
        _ watch: LockWatch?,
        _ lines: [String],
        hint: String? = "mend the revision and deploy again",
    ) -> Failure {
        let output = AlembicOutput(lines)
        let wasEnded = watch?.hasEnded == true && output.wasCancelled
        let waited = wasEnded || output.isLockTimeout
        let words = output.error ?? failure.message
        let told = Failure(
            .migrationFailed,
            "\(doing) failed: \(wasEnded ? "it waited for a lock for more than \(lockTimeout.briefly)" : words)",
            hint: waited
                ? "see who holds the table: SELECT pid, application_name, query FROM pg_stat_activity"
                : hint,
            evidence: (output.statement.map { ["statement: \($0)"] } ?? []) + output.tail,
            cause: failure.message,
            isRetryable: waited,
        )
        return waited ? watch?.explained(told) ?? told : told
    }

    func failed(
        _ failure: Failure,
        _ job: MigrationJob,
        _ lines: [String],
        _ doing: String,
    ) -> Failure {
        let output = AlembicOutput(lines)
        return Failure(
            .migrationFailed,
            "\(doing) failed: \(output.error ?? failure.message)",
            hint: "run 'alembic current' in \(job.directory)",
            evidence: output.tail,
            cause: failure.message,
        )
    }
}
