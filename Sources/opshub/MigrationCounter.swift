// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import Server

/// Migrations as people ask about them.
struct MigrationCounter: MigrationDesk {
    let care: DatabaseCare
    let time: any TimeSource

    func status(_ target: MigrationTarget) async throws -> MigrationStatusView {
        let (job, tool) = try care.job(target)
        let outlook = try await care.migrations.outlook(job, with: tool)
        return MigrationStatusView(
            release: target.release.id.rawValue,
            current: outlook.current.map(\.rawValue),
            pending: outlook.pending.map { .init(revision: $0.id.rawValue, title: $0.title) },
            unknown: outlook.unknown.map(\.rawValue),
        )
    }

    func verify(_ target: MigrationTarget) async throws -> VerificationView {
        let (job, tool) = try care.job(target)
        let begin = time.uptime
        let report = try await care.migrations.verify(job, with: tool)
        return VerificationView(
            release: target.release.id.rawValue,
            isGood: report.isGood,
            entries: report.entries.map { entry in
                VerificationView.Entry(
                    revision: entry.migration.id.rawValue,
                    title: entry.migration.title,
                    state: entry.findings.isEmpty
                        ? "clean" : entry.findings.contains(where: \.isMistake) ? "mistake" : "note",
                    findings: entry.findings.map(\.description),
                )
            },
            heads: report.heads.map(\.rawValue),
            drift: report.drift,
            took: (time.uptime - begin).inSeconds,
        )
    }
}
