// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety

extension AlembicMigrations {
    /// Every revision; see ``DataSafety/MigrationTool``.
    public func history(of job: MigrationJob) async throws -> [MigrationEntry] {
        let (lines, failure) = try await run(["history", "--verbose"], job)
        if let failure { throw failed(failure, job, lines, "asking Alembic for its history") }
        return AlembicHistory(lines).entries
    }

    /// `alembic downgrade` to the revision before; see ``DataSafety/MigrationTool``.
    public func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws {
        guard entry.parents.count < 2 else {
            throw Failure(
                .invalid,
                "revision \(entry.id) merges branches, and has no one revision before it",
            )
        }
        let target = entry.parents.first?.rawValue ?? "base"
        let (lines, failure, watch) = try await change(["downgrade", target], job)
        guard let failure else { return }
        var told = changeFailed(failure, "taking revision \(entry.id) back", watch, lines, hint: nil)
        // What it did outside of a transaction (`autocommit_block`) stays done, and would fail another time.
        told.isRetryable = false
        throw told
    }

    /// `alembic check`, which compares `target_metadata` with the database; see ``DataSafety/MigrationTool``.
    public func drift(of job: MigrationJob) async throws -> [String]? {
        let (lines, failure) = try await run(["check"], job)
        guard failure != nil else { return [] }
        let prefix = "FAILED: New upgrade operations detected: "
        guard let line = lines.last(where: { $0.contains(prefix) }), let found = line.firstRange(of: prefix)
        else {
            let output = AlembicOutput(lines)
            // An older Alembic, or a project without models.
            let isUnknown = lines.contains { line in
                line.contains("invalid choice: 'check'")
                    || line.contains("does not provide a MetaData object")
            }
            return isUnknown ? nil : ["alembic check failed: \(output.error ?? "it says nothing")"]
        }
        return [String(line[found.upperBound...])]
    }
}
