// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Testing

/// The same backup in every state.
struct SampleBackup: Sendable, CustomTestStringConvertible {
    let backup: Backup

    var testDescription: String { backup.state.name + (backup.content == nil ? "" : " with content") }

    static let all = [
        [], [.dumped(content)], [.dumped(content), .proven(drill)],
        [.dumped(content), .proven(drill), .disproved(Sample.failure)], [.dumpFailed(Sample.failure)],
    ]
    .map { SampleBackup($0) }

    private init(_ events: [BackupEvent]) {
        var backup = Backup(
            id: BackupID("b1"),
            of: DatabaseTarget(Sample.production, AccessoryName("db"), "shop"),
            because: .deployment("d12"),
            at: Sample.time,
        )
        for event in events {
            do {
                try backup.apply(event, at: Sample.time.addingTimeInterval(1.5))
            } catch {
                preconditionFailure("a sample applies \(event.name) to a backup that is \(backup.state.name)")
            }
        }
        self.backup = backup
    }

    private static let drill = DrillReport(
        at: Sample.time,
        took: .nanoseconds(1_234_567_890_123),
        serverVersion: "15.20",
        tables: 3,
        rows: 1 << 40,
        countedOnly: ["public.big"],
    )

    private static let content = BackupContent(
        StoredDump(
            seal: DumpSeal(size: ByteCount(1 << 33), sha256: String(repeating: "a0", count: 32)),
            encoding: DumpEncoding(
                key: "0011223344556677",
                plain: PlainDump(size: ByteCount(1 << 34), sha256: String(repeating: "b1", count: 32)),
            ),
        ),
        writtenAt: Sample.time,
        dumped: DumpedDatabase(
            server: ServerIdentity(
                version: "15.20",
                systemIdentifier: "7412",
                encoding: "UTF8",
                collation: "C.UTF-8",
                characterType: "de_DE.UTF-8",
            ),
            tool: "pg_dump 15.20",
            fingerprint: DatabaseFingerprint(
                definitions: ["TABLE public.orders": "aa"],
                tables: [
                    "public.orders": TableFingerprint(rows: 42, digest: "123"),
                    "public.big": TableFingerprint(rows: 7, digest: nil),
                ],
                sequences: ["public.orders_id_seq": SequenceFingerprint(before: 41, after: 44)],
                extensions: ["pg_trgm": "1.6"],
            ),
            databaseSize: .mebibytes(8),
        ),
    )
}
