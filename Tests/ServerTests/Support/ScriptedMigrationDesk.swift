// SPDX-License-Identifier: Apache-2.0
import Core
import API
import Delivery
import Server

/// Migrations of which one is pending, and clean.
struct ScriptedMigrationDesk: MigrationDesk {
    func status(_ target: MigrationTarget) async throws -> MigrationStatusView {
        MigrationStatusView(
            release: target.release.id.rawValue,
            current: ["0001"],
            pending: [.init(revision: "0002", title: "more")],
            unknown: [],
        )
    }

    func underWay(in environment: EnvironmentKey) -> [ProgressView] {
        [
            ProgressView(
                of: "migrations of \(environment) db",
                stage: "verifying",
                seconds: 4,
                done: 1,
                total: 3,
                unit: "migrations",
            )
        ]
    }

    func verify(_ target: MigrationTarget, withRows: Bool) async throws -> VerificationView {
        VerificationView(
            release: target.release.id.rawValue,
            isGood: true,
            entries: [.init(revision: "0001", title: "first", state: "clean", findings: [])],
            heads: ["0001"],
            drift: nil,
            rows: withRows ? ["with 3 rows of b7"] : nil,
            took: 1,
        )
    }
}
