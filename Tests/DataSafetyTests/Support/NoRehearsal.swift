// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest

/// For tests in which nothing is rehearsed.
struct NoRehearsal: MigrationRehearsal {
    func rehearse(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> (traces: [MigrationTrace], tables: [String: TableStatistics]) { ([], [:]) }

    func recover(_ accessory: AccessoryName, of environment: EnvironmentKey) async throws {}
}
