// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// One dump of one database, which tells by itself what it holds.
struct DatabaseDump {
    /// The server.
    let cluster: ClusterAccess
    /// Programs of its version.
    let programs: PostgresPrograms
    /// The database.
    let database: String
    /// How long it may take.
    let deadline: Duration
    /// Whether it shall keep nobody waiting.
    var isBackground = false

    /// Makes it, and says what is in it.
    func contents(into sink: @escaping DumpSink = { _ in }) async throws -> ArchiveContents {
        try await contents([], into: sink)
    }

    /// The digest of every object's definition.
    func definitions() async throws -> [String: String] {
        try await contents(["--schema-only", "--no-subscriptions"]).definitions
    }

    /// What is in one table, by its name as SQL writes it, with every part in quotes; nil when there is none.
    func rows(of table: String) async throws -> TableFingerprint? {
        try await contents(["--data-only", "--table=\(table)"]).tables.values.first
    }

    private func contents(
        _ more: [String],
        into sink: @escaping DumpSink = { _ in },
    ) async throws -> ArchiveContents {
        var program = try cluster.program(
            programs.path(of: "pg_dump"),
            ["--format=custom", "--compress=0", "--lock-wait-timeout=30000"] + more,
            database: database,
            settings: Self.settings,
            deadline: deadline,
        )
        program.isBackground = isBackground
        return try await ArchiveDigest.contents(of: program, doing: "dumping \(database)", into: sink)
    }

    /// Settings that make the same rows the same text, whatever is set for the database or its roles; `pg_dump` sets the others.
    static let settings = [
        "TimeZone": "UTC", "bytea_output": "hex", "lc_monetary": "C", "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0", "idle_session_timeout": "0",
    ]
}
