// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// What the files of a release and the rows of a database say together: pure.
struct SQLMigrationPlan: Hashable {
    /// Files that are to be applied, in order.
    let pending: [SQLMigrationFile]
    /// Of those: what has begun before and not come to its end.
    let begun: [MigrationRevision]
    /// Where the schema is.
    let current: [MigrationRevision]
    /// The last file.
    let targets: [MigrationRevision]
    /// Applied, and not among the files.
    let unknown: [MigrationRevision]

    /// Compares.
    ///
    /// Throws `migration-failed` for an applied file that was changed, and for one that was slipped in.
    init(_ folder: SQLMigrationFolder, _ records: [MigrationRevision: SQLMigrationRecord]) throws(Failure) {
        try Self.check(folder.files, records)
        self.init(files: folder.files, records)
    }

    /// Compares Prisma's.
    ///
    /// What was applied may have been changed since and others may be older than what was applied, as it is for Prisma itself. Throws
    /// `migration-failed` for one that has failed half-way.
    init(
        prisma files: [SQLMigrationFile],
        _ records: [MigrationRevision: SQLMigrationRecord],
    ) throws(Failure) {
        if let failed = records.values.filter({ !$0.isFinished }).min(by: { $0.revision < $1.revision }) {
            throw Failure(
                .migrationFailed,
                "\(failed.name) has failed half-way before, outside of a transaction",
                hint:
                    "look at what it left, put that right, and forget the attempt: DELETE FROM public._prisma_migrations WHERE migration_name = '\(failed.revision)' AND finished_at IS NULL (or prisma migrate resolve --rolled-back \(failed.revision))",
            )
        }
        self.init(files: files, records)
    }

    private init(files: [SQLMigrationFile], _ records: [MigrationRevision: SQLMigrationRecord]) {
        pending = files.filter { records[$0.revision]?.isFinished != true }
        begun = files.map(\.revision).filter { records[$0]?.isFinished == false }
        let last = records.values.filter(\.isFinished).map(\.revision).max()
        current = last.map { [$0] } ?? []
        targets = files.map(\.revision).max().map { [$0] } ?? []
        unknown = Set(records.keys).subtracting(files.map(\.revision)).sorted()
    }

    private static func check(
        _ files: [SQLMigrationFile],
        _ records: [MigrationRevision: SQLMigrationRecord],
    ) throws(Failure) {
        let last = records.values.filter(\.isFinished).map(\.revision).max()
        var problems: [String] = []
        for file in files {
            if let record = records[file.revision] {
                guard record.checksum != file.checksum else { continue }
                problems.append(
                    "\(file.name) was changed after it was \(record.isFinished ? "applied" : "begun")"
                        + (record.name == file.name ? "" : " as \(record.name)")
                )
            } else if let last, file.revision < last {
                problems.append("\(file.name) is new, but \(last) is applied already")
            }
        }
        guard problems.isEmpty else {
            throw Failure(
                .migrationFailed,
                problems.count == 1
                    ? "the migrations don't fit the database: \(problems[0])"
                    : "the migrations don't fit the database, for \(problems.count) reasons",
                hint:
                    "put the files back as they were, and make the change in a new one with the next number",
                evidence: problems,
            )
        }
    }

    /// For people.
    var outlook: MigrationOutlook {
        MigrationOutlook(
            current: current,
            pending: pending.map { PendingMigration(id: $0.revision, title: $0.title) },
            targets: targets,
            unknown: unknown,
            begun: begun,
        )
    }
}
