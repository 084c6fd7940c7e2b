// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import FoundationEssentials
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

    func verify(_ target: MigrationTarget, withRows: Bool) async throws -> VerificationView {
        let (job, tool) = try care.job(target)
        let begin = time.uptime
        let sample = withRows ? try await care.backups.sample(of: job.database) : nil
        let report = try await care.migrations.verify(job, with: tool, rows: sample)
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
            general: report.general,
            rows: withRows ? Self.words(about: report.rows) : nil,
            took: (time.uptime - begin).inSeconds,
        )
    }

    func underWay(in environment: EnvironmentKey) -> [ProgressView] {
        care.migrations.underWay(in: environment)
            .map { progress in
                ProgressView(
                    of: "migrations of \(progress.database)",
                    stage: "verifying",
                    seconds: max(0, time.now.timeIntervalSince(progress.since)),
                    done: Int64(progress.done),
                    total: progress.total.map(Int64.init),
                    unit: "migrations",
                )
            }
    }

    private static func words(about rows: SampledRows?) -> [String] {
        guard let rows else { return ["without rows: nothing is applied yet that could have any"] }
        let (row, table) = (rows.rows == 1 ? "row" : "rows", rows.tables == 1 ? "table" : "tables")
        let words = "with \(rows.rows) \(row) in \(rows.tables) \(table), of backup \(rows.source)"
        return [words] + rows.remarks
    }
}
