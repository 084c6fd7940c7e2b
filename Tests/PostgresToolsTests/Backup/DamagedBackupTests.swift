// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

@Suite("A damaged dump of a real database", .tags(.postgres), .postgresCluster)
struct DamagedBackupTests {
    /// What happens to bytes on disks and ways.
    enum Damage: String, CaseIterable, CustomTestStringConvertible {
        case cutInHalf, cutAtTheEnd, emptied, bitFlippedInData, zeroedBlock, grown, garbage

        var testDescription: String { rawValue }

        func apply(to bytes: inout [UInt8]) throws {
            switch self {
            case .cutInHalf: bytes.removeLast(bytes.count / 2)
            case .cutAtTheEnd: bytes.removeLast(200)
            case .emptied: bytes = []
            case .bitFlippedInData:
                let marker = Array("needle-in-row".utf8)
                let place = try #require(bytes.firstRange(of: marker))
                bytes[place.lowerBound] ^= 1
            case .zeroedBlock:
                let middle = bytes.count / 2
                for index in middle..<min(middle + 4096, bytes.count) { bytes[index] = 0 }
            case .grown: bytes += Array("more".utf8)
            case .garbage: bytes = Array("-- PostgreSQL database dump\n".utf8)
            }
        }
    }

    @Test(
        "Its hash betrays it before anything is restored",
        arguments: Damage.allCases.filter { $0 != .bitFlippedInData },
    )
    func hash(damage: Damage) async throws {
        let (bench, backup) = try await backup()
        try bench.damage(backup, damage.apply)

        let failed = try await bench.backups.drill(backup.id)

        #expect(failed.failure?.code == .backupFailed)
        #expect(failed.failure?.evidence.first?.contains(backup.content?.seal.sha256 ?? "none") == true)
        #expect(failed.content != nil, "its bytes are kept for a look")
        let manifest = try #require(try FileContent.text(of: bench.place(backup).manifest))
        #expect(manifest.contains(#""name" : "failed""#))
    }

    @Test(
        "Were it damaged before it was hashed, restoring it would betray it",
        arguments: [Damage.cutInHalf, .cutAtTheEnd, .emptied, .zeroedBlock, .garbage],
    )
    func restore(damage: Damage) async throws {
        let (bench, backup) = try await backup()
        try await bench.redump(backup, damage.apply)

        let failed = try await bench.backups.drill(backup.id)

        #expect(failed.failure?.code == .backupFailed)
        #expect(failed.failure?.message.hasPrefix("pg_restore refused the dump: ") == true)
        #expect(!bench.hasDrill(backup))
    }

    @Test("A flipped bit that pg_restore accepts is found in the table where it is")
    func content() async throws {
        let (bench, backup) = try await backup()
        try await bench.redump(backup, Damage.bitFlippedInData.apply)

        let failed = try await bench.backups.drill(backup.id)

        let sentence = "table public.shipments: the same number of rows (42), but other content"
        #expect(failed.failure?.evidence == [sentence])
        #expect(failed.failure?.message == "backup \(backup.id) restores to something else: \(sentence)")
    }

    @Test("A dump of another state of the database is told by each difference")
    func otherState() async throws {
        let (bench, backup) = try await backup()
        var content = try #require(backup.content)
        content.fingerprint.tables["public.shipments"]?.rows = 43
        content.fingerprint.tables["public.gone"] = TableFingerprint(rows: 0, digest: "0")
        content.fingerprint.sequences["public.shipments_id_seq"] = SequenceFingerprint(7)
        content.fingerprint.definitions["INDEX public.ix_gone"] = "x"
        content.fingerprint.extensions["hstore"] = "1.8"
        var other = Backup(id: backup.id, of: backup.database, because: backup.reason, at: backup.startedAt)
        try other.apply(.dumped(content), at: backup.changedAt)
        try await bench.store.save(other)

        let failed = try await bench.backups.drill(backup.id)

        #expect(
            failed.failure?.evidence == [
                "table public.gone: missing", "table public.shipments: 42 rows instead of 43",
                "sequence public.shipments_id_seq: at 42 instead of 7", "INDEX public.ix_gone: missing",
                "extension hstore: missing",
            ]
        )
        #expect(failed.failure?.message.hasSuffix("table public.gone: missing, and 4 more") == true)
    }

    @Test("A dump of an empty database does not pass for one with tables")
    func emptyDump() async throws {
        let (bench, backup) = try await backup()
        let empty = try await bench.create(try await RunningCluster.current.makeDatabase())
        let box = ByteCollector()
        _ = try await bench.vault.read(empty) { box.add($0) }
        let bytes = box.bytes
        try await bench.redump(backup) { $0 = bytes }

        let failed = try await bench.backups.drill(backup.id)

        #expect(failed.failure?.message.contains("nothing was restored; there were 1 tables") == true)
    }

    @Test("A dump that is gone is told, and so is its manifest's folder")
    func gone() async throws {
        let (bench, backup) = try await backup()
        try Folder.remove(bench.place(backup).folder)

        let failed = try await bench.backups.drill(backup.id)

        #expect(failed.failure?.message == "the dump of backup \(backup.id) is gone")
        #expect(try await bench.store.backup(backup.id)?.state.name == "failed")
    }

    @Test("A backup that was failed by mistake is verified again once its bytes are back")
    func cured() async throws {
        let (bench, backup) = try await backup()
        let good = try #require(try FileContent.bytes(of: bench.place(backup).dump))
        try bench.damage(backup, Damage.zeroedBlock.apply)
        _ = try await bench.backups.drill(backup.id)
        let refused = await #expect(throws: Failure.self) { try await bench.backups.drill(backup.id) }
        #expect(refused?.hint == "opshub backup verify \(backup.id)")

        try bench.damage(backup) { $0 = good }

        #expect(try await bench.backups.verify(backup.id).isVerified)
    }

    private func backup() async throws -> (BackupBench, Backup) {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text)",
            "INSERT INTO shipments (reference) SELECT repeat('filler', 100) FROM generate_series(1, 41)",
            "INSERT INTO shipments (reference) VALUES ('needle-in-row')",
        )
        let bench = BackupBench(cluster)
        return (bench, try await bench.create(database))
    }
}
