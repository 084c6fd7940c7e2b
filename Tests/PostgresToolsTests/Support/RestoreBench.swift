// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@testable import PostgresTools

/// Restores into databases of a shared cluster, with every real part but the catalogue.
struct RestoreBench: Sendable {
    let backups: BackupBench
    let restores: Restores
    let exchange: PostgresDatabaseExchange

    init(_ cluster: RunningCluster) {
        backups = BackupBench(cluster)
        exchange = PostgresDatabaseExchange(layout: cluster.home.layout, patience: .seconds(3))
        restores = Restores(backups: backups.backups, exchange: exchange, tables: backups.server)
    }

    /// The whole way, as a deployment goes it.
    func restore(_ backup: Backup, into database: TestDatabase, order: String) async throws {
        _ = try await restores.prepare(backup.id, for: database.target, order: order)
        try await restores.shut(database.target)
        try await restores.exchange(
            database.target,
            with: Restores.copyName(for: order),
            keeping: Restores.keptName(by: order),
        )
    }

    /// OpsHub's own databases that belong to these orders.
    func names(_ orders: String...) async throws -> [String] {
        let all = try await exchange.names(
            beside: DatabaseTarget(
                backups.cluster.home.environment,
                backups.cluster.accessoryName,
                "postgres",
            )
        )
        return (all ?? []).filter { name in orders.contains { name.hasSuffix("_\($0)") } }
    }

    /// Waits until the server has counted this of the table `t`, which takes it a second or so.
    func settled(_ database: TestDatabase, _ condition: String) async throws {
        try await until {
            try await backups.cluster.value(
                database.name,
                "SELECT \(condition) FROM pg_stat_user_tables WHERE relname = 't'",
            ) == "t"
        }
    }
}
