// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import TestSupport
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
        #expect(lanes(outline, ["a": 10, "b": 70, "c": 50, "d": 15]) == [["b"], ["a", "c", "d"]])
        #expect(lanes(outline, ["a": 99, "b": 1, "c": 1, "d": 1], most: 3) == [["a"], ["b", "d"], ["c"]])
        #expect(lanes(outline, ["a": 99], most: 4).flatMap(\.self).sorted() == ["2", "3", "4", "a"])
        #expect(lanes(outline, ["a": 99, "b": 99], most: 1) == [["a", "b", "3", "4"]])
    }

    @Test("are none for what is small, or of which nobody knows where it lies")
    func none() {
        let entries = ["a", "b"].enumerated().map { entry($0.offset + 1, "TABLE DATA", $0.element) }
        let outline = ArchiveOutline(bytes: [], entries: entries)
        #expect(lanes(outline, ["a": 15, "b": 16]) == [])
        #expect(lanes(outline, [:]) == [])
    }

    @Test("are some whatever a manifest says of sizes")
    func forged() {
        let entries = (1...20_000).map { entry($0, "TABLE DATA", "t\($0)") }
        let places = Dictionary(
            uniqueKeysWithValues: entries.map {
                ($0.name, TableFingerprint(rows: 1, digest: nil, place: Int64.min..<Int64.max))
            }
        )
        let outline = ArchiveOutline(bytes: [], entries: entries)
        #expect(RestoreLanes(outline, of: places, most: 2).lanes.map(\.tables.count) == [10_000, 10_000])
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
        let found = RestoreLanes(
            outline,
            of: places(["a": 40, DatabaseFingerprint.largeObjects: 50]),
            most: 2,
        )
        .lanes
        #expect(found.map(\.others) == [[4], []])
        #expect(found.map(\.othersBegin) == [40 << 20, nil])
        #expect(found.map { $0.tables.map(\.entry.name) } == [[], ["a"]])
        #expect(found.map(\.sequences) == [[], ["SELECT setval('s')"]])
    }

    @Test(
        "leave a table to pg_restore that they can't fill, and what lies between two is read where that is less than to begin anew"
    )
    func reading() throws {
        var odd = entry(2, "TABLE DATA", "odd")
        odd.copy = "COPY public.na\u{FFFD}me (x) FROM stdin;\n"
        let far = ["a", "b", "c"].enumerated().map { entry($0.offset + 10, "TABLE DATA", $0.element) }
        let outline = ArchiveOutline(bytes: [], entries: [odd] + far)
        let mebibyte: Int64 = 1 << 20
        let places = [
            "odd": 0..<mebibyte, "a": 2 * mebibyte..<9 * mebibyte, "b": 30 * mebibyte..<31 * mebibyte,
            "c": 70 * mebibyte..<99 * mebibyte,
        ]
        let lane = try #require(
            RestoreLanes(
                outline,
                of: places.mapValues { TableFingerprint(rows: 1, digest: nil, place: $0) },
                most: 1,
            )
            .lanes.first
        )
        #expect(lane.others == [2])
        #expect(lane.runs.map { $0.map(\.entry.name) } == [["a", "b"], ["c"]])
    }

    @Test("read, fill and freeze a table as its archive names it")
    func statements() throws {
        let copy = try #require(CopyStatement(entry(1, "TABLE DATA", "t")))
        #expect(copy.filling == "COPY public.t (x) FROM STDIN")
        #expect(copy.freezing == "COPY public.t (x) FROM STDIN WITH (FREEZE)")
        #expect(copy.reading == "COPY public.t (x) TO STDOUT")
        var named = entry(1, "TABLE DATA", "odd\"(")
        named.namespace = "s"
        named.copy = #"COPY s."odd""(" (id, ")x(", "a""(") FROM stdin;"# + "\n"
        #expect(
            try #require(CopyStatement(named)).reading(of: named, from: 3, to: 9)
                == #"COPY (SELECT id, ")x(", "a""(" FROM ONLY "s"."odd""(" WHERE ctid >= '(3,0)' AND ctid < '(9,0)') TO STDOUT"#
        )
        var other = entry(1, "TABLE DATA", "t")
        other.copy = ""
        #expect(CopyStatement(other) == nil)
    }

    /// What each lane fills by itself, by name, and the numbers of what it leaves to `pg_restore`; sizes in MiB.
    private func lanes(_ outline: ArchiveOutline, _ sizes: [String: Int64], most: Int = 2) -> [[String]] {
        RestoreLanes(outline, of: places(sizes), most: most).lanes
            .map { $0.tables.map(\.entry.name) + $0.others.map(String.init) }
    }

    /// One after another.
    private func places(_ sizes: [String: Int64]) -> [String: TableFingerprint] {
        var (places, end): ([String: TableFingerprint], Int64) = ([:], 0)
        for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
            let place = end..<end + size << 20
            places[name] = TableFingerprint(rows: 1, digest: nil, place: place)
            end = place.upperBound
        }
        return places
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
            statement: kind == "SEQUENCE SET" ? "SELECT setval('\(name)')" : "",
            copy: kind == "TABLE DATA" ? "COPY public.\(name) (x) FROM stdin;\n" : "",
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
        // What was frozen was filled by a lane, and not by pg_restore after it.
        try await cluster.administer(database.name, "CREATE EXTENSION pg_visibility")
        for table in ["large1", "large2"] {
            let open = "SELECT count(*) FROM pg_visibility_map('public.\(table)') WHERE NOT all_frozen"
            #expect(try await cluster.value(database.name, open) == "0", "\(table)")
        }
        try await cluster.administer(database.name, "DROP EXTENSION pg_visibility")
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

    @Test("are followed by one after another where a manifest says wrongly where rows lie")
    func wrongPlaces() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE one AS \(Self.rows)",
            "CREATE TABLE two AS \(Self.rows)",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let content = try #require(backup.content)
        for change in [
            { (place: Range<Int64>) in place.lowerBound + 1..<place.upperBound },
            { (place: Range<Int64>) in place.lowerBound..<place.upperBound - 1 },
            { (place: Range<Int64>) in place.lowerBound..<place.upperBound + (1 << 40) },
            { (place: Range<Int64>) in place.lowerBound - 10_000_000..<place.upperBound - 10_000_000 },
        ] {
            var other = Backup(
                id: backup.id,
                of: backup.database,
                because: backup.reason,
                at: backup.startedAt,
            )
            var wrong = content
            let place = try #require(content.fingerprint.tables["public.two"]?.place)
            wrong.fingerprint.tables["public.two"]?.place = change(place)
            try other.apply(.dumped(wrong), at: backup.changedAt)
            try await bench.store.save(other)
            #expect(try await lanes(other, bench).count > 1)
            let verified = try await bench.backups.drill(backup.id)
            #expect(verified.isVerified, "\(verified.failure.map(String.init(describing:)) ?? "")")
        }
    }

    @Test("bring back rows and names in another encoding than their own")
    func encoding() async throws {
        let cluster = try RunningCluster.current
        let name = "latin_\(UInt32.random(in: 0 ... .max))"
        try await cluster.administer(
            "postgres",
            """
            CREATE DATABASE \(name) OWNER \(cluster.address.user) TEMPLATE template0 ENCODING 'LATIN1'
            LC_COLLATE 'C' LC_CTYPE 'C'
            """,
        )
        let database = TestDatabase(cluster: cluster, name: name)
        try await database.run(
            "SET client_encoding TO 'UTF8'",
            "CREATE TABLE plain AS SELECT n, 'grün ' || repeat(md5(n::text), 3) AS x FROM generate_series(1, 200000) n",
            "CREATE TABLE \"größer\" AS SELECT n, 'süß ' || repeat(md5(n::text), 3) AS x FROM generate_series(1, 200000) n",
            "CREATE TABLE counted (n serial, \"ß\" text)",
            "INSERT INTO counted (\"ß\") VALUES ('é'), ('è')",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let found = try await lanes(backup, bench)
        #expect(found.count > 1)
        // Their names are not UTF-8 in the dump.
        #expect(found.flatMap(\.others).count == 2)
        let verified = try await bench.backups.drill(backup.id)
        #expect(verified.isVerified, "\(verified.failure.map(String.init(describing:)) ?? "")")
        #expect(verified.drill?.countedOnly.isEmpty == true)
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

    private func lanes(_ backup: Backup, _ bench: BackupBench) async throws -> [RestoreLane] {
        let outline = try await ArchiveOutline.read(
            from: DumpFeed { sink in _ = try await bench.vault.read(backup, into: sink) }
        )
        return RestoreLanes(try #require(outline), of: try #require(backup.content).fingerprint.tables).lanes
    }
}
