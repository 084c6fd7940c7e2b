// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// One dump of one database, with everything about it read in the very same snapshot.
struct DatabaseDump {
    /// The server.
    let cluster: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// The database.
    let database: String
    /// Reads the database; its session holds the snapshot.
    let reader: FingerprintReader
    /// How long each program may take.
    let deadline: Duration

    /// Makes it.
    ///
    /// A transaction exports its snapshot, `pg_dump` dumps that snapshot, and the transaction itself counts
    /// and hashes what it sees. So writes meanwhile make no difference.
    func make(into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        let session = reader.session
        try await session.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        let snapshot = try await session.query("SELECT pg_export_snapshot()").first?[0] ?? ""
        let before = try await reader.sequences()
        async let dump: Void = dump(snapshot, into: sink)
        async let schema = SchemaDump(cluster: cluster, programs: programs, deadline: deadline)
            .definitions(of: database, in: snapshot)
        async let tables = reader.tables()
        try await dump
        let fingerprint = DatabaseFingerprint(
            definitions: try await schema,
            tables: try await tables,
            sequences: merged(before, try await reader.sequences()),
            extensions: try await reader.extensions(),
        )
        let (identity, size) = try await ServerIdentity.read(session)
        let writes = try await WriteCounters.read(session)
        try await session.query("COMMIT")
        return DumpedDatabase(
            server: identity,
            tool: "pg_dump \(try await programs.version(of: "pg_dump"))",
            fingerprint: fingerprint,
            databaseSize: size,
            writes: writes,
        )
    }

    private func dump(_ snapshot: String, into sink: @escaping DumpSink) async throws {
        let program = try cluster.program(
            programs.path(of: "pg_dump"),
            [
                "--format=custom", "--compress=0", "--snapshot=\(snapshot)",
                "--lock-wait-timeout=30000",
            ],
            database: database,
            deadline: deadline,
        )
        let result = try await StreamedProgram(program: program).stream(into: sink)
        _ = try result.checked(.backupFailed, doing: "dumping \(database)")
    }

    /// Sequences go on outside of the snapshot; one that came or went meanwhile was not there to be compared.
    private func merged(_ before: [String: Int64], _ after: [String: Int64]) -> [String: SequenceFingerprint]
    {
        after.merging(before) { after, _ in after }
            .reduce(into: [:]) { result, entry in
                result[entry.key] = SequenceFingerprint(
                    before: before[entry.key] ?? entry.value,
                    after: after[entry.key] ?? entry.value,
                )
            }
    }
}
