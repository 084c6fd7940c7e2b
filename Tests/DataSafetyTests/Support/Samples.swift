// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials

/// Values that tests have in common.
enum Samples {
    static let environment = EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production"))
    static let accessory = AccessoryName("db")
    static let database = DatabaseTarget(environment, accessory, "tracehub")
    static let start = Date(timeIntervalSince1970: 1_800_000_000)

    static let fingerprint = DatabaseFingerprint(
        definitions: ["TABLE public.shipments": "aa", "INDEX public.ix": "bb"],
        tables: ["public.shipments": TableFingerprint(rows: 42, digest: "123")],
        sequences: ["public.shipments_id_seq": SequenceFingerprint(before: 41, after: 44)],
        extensions: ["pg_trgm": "1.6"],
    )

    static let dumped = DumpedDatabase(
        server: ServerIdentity(
            version: "15.20",
            systemIdentifier: "7412",
            encoding: "UTF8",
            collation: "C.UTF-8",
            characterType: "C.UTF-8",
        ),
        tool: "pg_dump 15.20",
        fingerprint: fingerprint,
        databaseSize: .mebibytes(8),
    )

    static let bytes = Array("the dump".utf8)
    static let seal = DumpSeal(size: ByteCount(8), sha256: "sum-of-the dump")
    static let content = BackupContent(
        StoredDump(seal: seal, encoding: nil),
        writtenAt: start,
        dumped: dumped,
    )
    static let drill = DrillReport(at: start, took: .seconds(3), serverVersion: "15.20", tables: 1, rows: 42)
    static let failure = Failure(.backupFailed, "it failed")

    /// A backup that a few events happened to.
    static func backup(
        _ number: Int = 1,
        of database: DatabaseTarget = database,
        at date: Date = start,
        _ events: BackupEvent...,
    ) -> Backup {
        var backup = Backup(id: BackupID("b\(number)"), of: database, because: .schedule, at: date)
        for event in events {
            do {
                try backup.apply(event, at: date)
            } catch {
                preconditionFailure("a test applies \(event.name) to a backup that is \(backup.state.name)")
            }
        }
        return backup
    }
}
