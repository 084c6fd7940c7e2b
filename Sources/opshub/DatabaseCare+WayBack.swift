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

    func proof(
        _ target: MigrationTarget,
        ofReverting planned: [Delivery.PendingMigration],
    ) async throws -> (objections: [String], losses: [String]) {
        let (job, tool) = try job(target)
        return try await migrations.proof(
            ofReverting: planned.map { MigrationRevision($0.revision) },
            of: job,
            with: tool,
        )
    }

    func reapply(
        _ target: MigrationTarget,
        _ planned: [Delivery.PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let (job, tool) = try job(target)
        try await migrations.reapply(
            planned.map { MigrationRevision($0.revision) },
            of: job,
            with: tool,
            onLine: onLine,
        )
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
