// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety

extension SQLMigrations {
    /// Every file; see ``DataSafety/MigrationTool``.
    public func history(of job: MigrationJob) async throws -> [MigrationEntry] {
        let files = try files(of: job)
        return files.enumerated()
            .map { index, file in
                MigrationEntry(
                    id: file.revision,
                    title: file.title,
                    parents: index == 0 ? [] : [files[index - 1].revision],
                    isHead: index == files.count - 1,
                    keepsData: file.keepsData,
                )
            }
    }

    /// What `NNNN_name.down.sql` says, or `down.sql` beside Prisma's, in one transaction with the row that it takes away; see ``DataSafety/MigrationTool``.
    public func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws {
        let files = try files(of: job)
        guard let file = files.first(where: { $0.revision == entry.id }), let down = file.down else {
            let name = files.first { $0.revision == entry.id }?.downName
            throw Failure(
                .invalid,
                "no file says how \(entry.id) is taken back",
                hint: name.map { "write \($0)" },
            )
        }
        try await connected(job) { session in
            let run = await run(session, job)
            try await run.watch.during { try await run.revert(file, by: down) }
        }
    }

    /// There are no models; Prisma's own are for its own program to compare.
    public func drift(of job: MigrationJob) async throws -> [String]? { nil }
}
