// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import Testing
import Vault

@testable import PostgresTools

@Suite("The lanes of a restore")
struct RestoreLanesTests {
    @Test("divide what is large by size, each in the order of the dump")
    func division() {
        let entries = ["a", "b", "c", "d"].enumerated()
            .map { entry($0.offset + 1, "TABLE DATA", $0.element) }
        let outline = ArchiveOutline(bytes: [], entries: [entry(9, "TABLE", "a", section: 2)] + entries)
        #expect(lanes(outline, ["a": 10, "b": 70, "c": 50, "d": 15]) == [[2], [1, 3, 4]])
        #expect(lanes(outline, ["a": 99, "b": 1, "c": 1, "d": 1], most: 3) == [[1], [2, 4], [3]])
        #expect(lanes(outline, ["a": 99], most: 4).flatMap(\.self).sorted() == [1, 2, 3, 4])
    }

    @Test("are one for what is small, or of which nobody knows how large it is")
    func one() {
        let entries = ["a", "b"].enumerated().map { entry($0.offset + 1, "TABLE DATA", $0.element) }
        let outline = ArchiveOutline(bytes: [], entries: entries)
        #expect(lanes(outline, ["a": 15, "b": 16]) == [[1, 2]])
        #expect(lanes(outline, [:]) == [[1, 2]])
        #expect(lanes(outline, ["a": 99, "b": 99], most: 1) == [[1, 2]])
    }

    @Test("have sequences and large objects too, and nothing of what comes before rows or after them")
    func other() {
        let outline = ArchiveOutline(
            bytes: [],
            entries: [
                entry(1, "TABLE", "a", section: 2), entry(2, "TABLE DATA", "a"),
                entry(3, "SEQUENCE SET", "s"), entry(4, "BLOBS", ""), entry(5, "INDEX", "i", section: 4),
            ],
        )
        #expect(lanes(outline, ["a": 40, DatabaseFingerprint.largeObjects: 50]) == [[4], [2, 3]])
    }

    /// In MiB.
    private func lanes(_ outline: ArchiveOutline, _ sizes: [String: Int64], most: Int = 2) -> [[Int]] {
        RestoreLanes(
            outline,
            of: sizes.mapValues { TableFingerprint(rows: 1, digest: nil, size: .mebibytes($0)) },
            most: most,
        )
        .lanes
    }

    private func entry(_ id: Int, _ kind: String, _ name: String, section: Int = 3) -> ArchiveEntry {
        ArchiveEntry(
            id: id,
            kind: kind,
            name: name,
            section: section,
            definition: "",
            owner: "",
            namespace: "",
            tag: name,
            tablespace: "",
            statement: "",
            copy: "",
        )
    }
}

@Suite(
    "Restores in lanes",
    .tags(.postgres, .slow),
    .enabled(if: RestoreLanes.most > 1, "there is one processor"),
    .postgresCluster,
)
struct ParallelRestoreTests {
    /// About 25 MB each.
    private static let rows =
        "SELECT n, md5(n::text) || repeat('x', 60) AS x FROM generate_series(1, 250000) n"

    @Test("bring back everything there is, for a proof and into a database that serves")
    func everything() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await cluster.fillWithEverything(database)
        try await database.run(
            "CREATE TABLE large1 AS \(Self.rows)",
            "CREATE TABLE large2 AS \(Self.rows)",
            "ALTER TABLE large1 ADD PRIMARY KEY (n)",
            "ALTER TABLE large2 ADD FOREIGN KEY (n) REFERENCES large1",
        )
        let bench = RestoreBench(cluster)
        let backup = try await bench.backups.create(database)
        #expect(try await lanes(backup, bench.backups).count > 1)
        let verified = try await bench.backups.backups.drill(backup.id)
        #expect(verified.isVerified, "\(verified.failure.map(String.init(describing:)) ?? "")")

        try await database.run("DELETE FROM large2", "DROP TABLE large1 CASCADE")
        try await bench.restore(backup, into: database, order: "lanes")
        #expect(try await database.value("SELECT count(*) FROM large1 JOIN large2 USING (n)") == "250000")
        #expect(try await bench.backups.backups.drill(backup.id).isVerified)
        let folder = ClusterFolder(
            cluster.accessory.manifest.name,
            of: cluster.home.environment,
            in: cluster.home.layout,
        )
        #expect(try Folder.names(in: folder.path).filter { $0.hasPrefix("restoring") } == [])
    }

    @Test("are followed by one after another where rows need those of another table")
    func dependentRows() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE known AS \(Self.rows)",
            "CREATE FUNCTION is_known(int) RETURNS bool LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.known WHERE n = $1)'",
            "CREATE TABLE named (n int CHECK (is_known(n)), x text)",
            "INSERT INTO named SELECT 1, repeat('y', 5000000) FROM generate_series(1, 4)",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        #expect(try await lanes(backup, bench).count > 1)
        let verified = try await bench.backups.drill(backup.id)
        #expect(verified.isVerified, "\(verified.failure.map(String.init(describing:)) ?? "")")
    }

    @Test("end with what pg_restore says of a row that does not restore")
    func brokenRow() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
            "INSERT INTO two VALUES (424242, 'here')",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        try await bench.redump(backup) { bytes in
            let place = try #require(bytes.firstRange(of: Array("424242\there".utf8)))
            bytes[place.lowerBound] = UInt8(ascii: "x")
        }
        let failed = try await bench.backups.drill(backup.id)
        let failure = try #require(failed.failure)
        #expect(failure.code == .backupFailed)
        #expect(failure.message.contains("invalid input syntax for type integer: \"x24242\""), "\(failure)")
    }

    @Test("end with what pg_restore says of a key that its rows do not have")
    func brokenKey() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
            "INSERT INTO two VALUES (900001, 'here')",
            "ALTER TABLE two ADD PRIMARY KEY (n)",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        try await bench.redump(backup) { bytes in
            let place = try #require(bytes.firstRange(of: Array("900001\there".utf8)))
            bytes[place.lowerBound] = UInt8(ascii: "0")
        }
        let failure = try #require(try await bench.backups.drill(backup.id).failure)
        #expect(failure.code == .backupFailed)
        #expect(failure.message.contains("could not create unique index \"two_pkey\""), "\(failure)")
    }

    @Test("are read back while others are under way, and a row that came back as another one is found")
    func changedRow() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
            "INSERT INTO two VALUES (424242, 'here')",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        try await bench.redump(backup) { bytes in
            let place = try #require(bytes.firstRange(of: Array("424242\there".utf8)))
            bytes[place.lowerBound] = UInt8(ascii: "5")
        }
        let failure = try #require(try await bench.backups.drill(backup.id).failure)
        #expect(
            failure.message.contains("table public.two: the same number of rows (250001), but other content")
        )
    }

    private func lanes(_ backup: Backup, _ bench: BackupBench) async throws -> [[Int]] {
        let outline = try await ArchiveOutline.read { sink in
            _ = try await bench.vault.read(backup, into: sink)
        }
        return RestoreLanes(try #require(outline), of: try #require(backup.content).fingerprint.tables).lanes
    }
}
