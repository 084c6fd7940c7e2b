// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Manifest

/// For tests in which nothing is rehearsed or verified.
struct NoRehearsal: MigrationRehearsal, ProvingGround {
    func rehearse(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> RehearsalReport {
        RehearsalReport(traces: [], tables: [:], evidence: .none("nothing is rehearsed here"))
    }

    func tables(of job: MigrationJob) async throws -> [String: TableStatistics] { [:] }

    func recover(_ accessory: AccessoryName, of environment: EnvironmentKey) async throws {}

    func lend<Result: Sendable>(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
        _ body: @Sendable @escaping (any EmptyDatabase) async throws -> Result,
    ) async throws -> Result {
        throw Failure(.unexpected, "nothing is verified here")
    }
}
