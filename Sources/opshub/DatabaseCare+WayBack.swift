// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery

extension DatabaseCare {
    func wayBack(
        _ target: MigrationTarget,
        to revisions: [String],
    ) async throws -> [Delivery.PendingMigration] {
        let (job, tool) = try job(target)
        return try await migrations.wayBack(to: revisions.map { MigrationRevision($0) }, of: job, with: tool)
            .map { Delivery.PendingMigration(revision: $0.id.rawValue, title: $0.title) }
    }

    func objections(
        _ target: MigrationTarget,
        toReverting planned: [Delivery.PendingMigration],
    ) async throws -> [String] {
        let (job, tool) = try job(target)
        let wanted = Set(planned.map { MigrationRevision($0.revision) })
        let report = try await migrations.verify(job, with: tool, only: wanted)
        var objections = planned.flatMap { migration -> [String] in
            guard let entry = report.entries.first(where: { $0.migration.id.rawValue == migration.revision })
            else {
                return ["\(migration.revision): its verification did not come to it"]
            }
            // One that is about rows alone does nothing in an empty database; that is no reason.
            return entry.findings.filter { $0 != .changesNothing }.map { "\(migration.revision): \($0)" }
        }
        // What does not apply at all is in the way of everything behind it.
        objections += report.entries.filter { !wanted.contains($0.migration.id) }
            .flatMap { entry in entry.findings.filter(\.isMistake).map { "\(entry.migration.id): \($0)" } }
        return objections
    }

    func revert(
        _ target: MigrationTarget,
        _ planned: [Delivery.PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let (job, tool) = try job(target)
        try await migrations.revert(
            planned.map { MigrationRevision($0.revision) },
            of: job,
            with: tool,
            onLine: onLine,
        )
    }
}
