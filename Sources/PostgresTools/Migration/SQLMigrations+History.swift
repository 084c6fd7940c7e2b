// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety

extension SQLMigrations {
    /// Every file; see ``DataSafety/MigrationTool``.
    public func history(of job: MigrationJob) async throws -> [MigrationEntry] {
        let files = try SQLMigrationFolder(job.directory).files
        return files.enumerated()
            .map { index, file in
                MigrationEntry(
                    id: file.revision,
                    title: file.title,
                    parents: index == 0 ? [] : [files[index - 1].revision],
                    isHead: index == files.count - 1,
                )
            }
    }

    /// What `NNNN_name.down.sql` says, in one transaction with the row that it takes away; see ``DataSafety/MigrationTool``.
    public func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws {
        let files = try SQLMigrationFolder(job.directory).files
        guard let file = files.first(where: { $0.revision == entry.id }), let down = file.down else {
            throw Failure(
                .invalid,
                "no file says how \(entry.id) is taken back",
                hint: "write \(entry.id)_….down.sql beside it",
            )
        }
        try await connected(job) { session in
            try await SQLMigrationRun(session: session, deadline: job.timeout, onLine: { _ in })
                .revert(file, by: down)
        }
    }

    /// There are no models.
    public func drift(of job: MigrationJob) async throws -> [String]? { nil }
}
