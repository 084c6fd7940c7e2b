// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Runs migrations where they can do no harm, and watches what they do.
public protocol MigrationRehearsal: Sendable {
    /// Applies everything that is pending to a copy of the database's schema, without its rows, on a server of its own,
    /// and tells what each statement did.
    ///
    /// Changes nothing that anybody uses, and leaves nothing behind; a migration that fails there ends the rehearsal and
    /// is told in its trace.
    ///
    /// - Throws: `conflict` when the migrations could reach the real database from there; `not-found` without a database.
    func rehearse(
        _ job: MigrationJob,
        with tool: MigrationsManifest.Tool,
    ) async throws -> RehearsalReport

    /// How large the tables of the real database are.
    func tables(of job: MigrationJob) async throws -> [String: TableStatistics]

    /// Removes what a rehearsal that was cut short has left of an accessory's. Idempotent.
    func recover(_ accessory: AccessoryName, of environment: EnvironmentKey) async throws
}

/// What a rehearsal has shown.
public struct RehearsalReport: Sendable {
    /// Whether going through one of these tables takes longer than a moment.
    ///
    /// - Parameters:
    ///   - traces: What went through which.
    ///   - tables: The real ones.
    /// - Returns: Whether rates are worth measuring.
    public static func isLong(_ traces: [MigrationTrace], on tables: [String: TableStatistics]) -> Bool {
        let sizes = traces.flatMap(\.statements)
            .flatMap { Set($0.rewritten + $0.scanned + $0.changed) }
            .compactMap { tables[$0]?.size.bytes }
        return ByteCount(sizes.reduce(0, +)) > MigrationJudge.smallWork
    }

    /// What each migration did, as far as they came.
    public var traces: [MigrationTrace]
    /// How large the real tables are.
    public var tables: [String: TableStatistics]
    /// What the queries of the release that serves say to it.
    public var evidence: QueryEvidence
    /// How fast the server is; nil where nothing takes longer than a moment.
    public var rates: WorkRates?

    /// Describes a rehearsal.
    public init(
        traces: [MigrationTrace],
        tables: [String: TableStatistics],
        evidence: QueryEvidence,
        rates: WorkRates? = nil,
    ) {
        self.rates = rates
        self.traces = traces
        self.tables = tables
        self.evidence = evidence
    }
}
