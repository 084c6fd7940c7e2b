// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Applies files to one database, one after another.
struct SQLMigrationRun {
    /// The application's role, in the application's database.
    let session: PostgresSession
    /// Where it is written down.
    let book: MigrationBook
    /// How long one statement may take.
    let deadline: Duration
    /// What knows for whom it waited; nil where nobody could be in the way.
    let watch: LockWatch?
    /// Gets what happens.
    let onLine: @Sendable (String) async -> Void

    /// Applies a file, or what is left of one that was begun without a transaction.
    func apply(_ file: SQLMigrationFile, from done: Int?) async throws {
        await onLine("applying \(file.name)" + (done.map { " from its statement \($0 + 1) on" } ?? ""))
        let started = ContinuousClock.now
        if file.isTransactional {
            try await applyAtOnce(file)
        } else {
            try await applyStepwise(file, from: done ?? 0)
        }
        await onLine("applied \(file.name) in \((ContinuousClock.now - started).briefly)")
    }

    /// Takes a file back, or changes nothing.
    func revert(_ file: SQLMigrationFile, by statements: [SQLStatement]) async throws {
        do {
            try await session.query("BEGIN")
            for statement in statements { try await run(statement, of: file) }
            try await write(book.reverted(file))
            try await session.query("COMMIT")
        } catch {
            // When the connection is gone, so is the transaction.
            _ = try? await session.query("ROLLBACK")
            throw failure(error, in: file, file.downName)
        }
    }

    private func applyAtOnce(_ file: SQLMigrationFile) async throws {
        do {
            try await session.query("BEGIN")
            try await session.query(book.creation)
            for statement in file.statements { try await run(statement, of: file) }
            try await write(book.applied(file))
            try await session.query("COMMIT")
        } catch {
            // When the connection is gone, so is the transaction.
            _ = try? await session.query("ROLLBACK")
            throw failure(error, in: file)
        }
    }

    private func applyStepwise(_ file: SQLMigrationFile, from done: Int) async throws {
        do {
            try await session.query(book.creation)
            try await write(book.begun(file))
        } catch {
            throw failure(error, in: file)
        }
        var ended = done
        do {
            for (index, statement) in file.statements.enumerated().dropFirst(done) {
                try await run(statement, of: file)
                ended = index + 1
                try await write(book.progressed(file, ended))
            }
        } catch {
            var told = failure(error, in: file)
            // A book that does not say how far it came can't be gone on with: what has done nothing yet is forgotten, and anything else is
            // for a person to look at.
            if !book.knowsProgress, var failure = told as? Failure {
                if ended == 0, failure.isRetryable, !file.controlsTransaction {
                    try await write(book.reverted(file))
                } else {
                    failure.isRetryable = false
                }
                told = failure
            }
            throw told
        }
    }

    private func write(_ entry: MigrationBook.Entry) async throws {
        try await session.query(entry.statement, entry.parameters)
    }

    private func run(_ statement: SQLStatement, of file: SQLMigrationFile) async throws {
        do {
            try await session.query(statement.text, deadline: deadline)
        } catch let error as PostgresError {
            throw Refusal(statement: statement, error: error)
        }
    }

    /// A statement that the server refused.
    private struct Refusal: Error {
        let statement: SQLStatement
        let error: PostgresError

        /// The line of the file that the server points at.
        var line: Int {
            guard let position = error.position else { return statement.line }
            return statement.line + statement.text.unicodeScalars.prefix(position - 1).count { $0 == "\n" }
        }
    }

    private func failure(
        _ error: any Error,
        in file: SQLMigrationFile,
        _ down: String? = nil,
    ) -> any Error {
        let name = down ?? file.name
        guard let refusal = error as? Refusal else {
            guard let error = error as? PostgresError else { return error }
            return error.failure(.migrationFailed, doing: "migration \(name)")
        }
        let answer = refusal.error
        let told = Failure(
            .migrationFailed,
            "migration \(name) failed at line \(refusal.line): \(answer.message)",
            hint: answer.hint
                ?? (answer.isLockTimeout
                    ? "see who holds the table in pg_stat_activity" : "mend it and deploy again"),
            evidence: ["statement: \(refusal.statement.text)"] + [answer.detail].compactMap(\.self),
            cause: answer.description,
            isRetryable: answer.isLockTimeout,
        )
        return answer.isLockTimeout ? watch?.explained(told) ?? told : told
    }
}
