// SPDX-License-Identifier: Apache-2.0
import DataSafety
import TestSupport
import Testing

@testable import PostgresTools

@Suite("What lanes read back", .tags(.postgres), .postgresCluster)
struct ReadBackTests {
    @Test("is whatever any of them has filled, until none fills anything any more", .timeLimit(.minutes(1)))
    func sharing() async {
        let (readBack, read) = (ReadBack(lanes: 2), Noted<String>())
        await withTaskGroup { group in
            group.addTask(name: "the one that has nothing of its own") {
                await readBack.end(0)
                while let part = await readBack.next() { read.add(part.statement) }
            }
            // It waits by then, as far as can be seen from here.
            for _ in 0..<10 { await Task.yield() }
            await readBack.add(["a", "b"].map { ReadBack.Part(entry: Self.entry, statement: $0) })
            while read.all.count < 2 { await Task.yield() }
            await readBack.add([ReadBack.Part(entry: Self.entry, statement: "c")])
            await readBack.end(1)
            await readBack.end(1)
        }
        #expect(read.all == ["a", "b", "c"])
        #expect(await readBack.next() == nil)
    }

    @Test("is the same in parts as in one")
    func parts() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await database.run(
            "CREATE TABLE t AS SELECT n, md5(n::text) AS x FROM generate_series(1, 20000) n",
            "CREATE TABLE below () INHERITS (t)",
            "INSERT INTO below VALUES (-1, 'of another table')",
            "ALTER TABLE t ADD COLUMN twice int GENERATED ALWAYS AS (n * 2) STORED",
            "DELETE FROM t WHERE n % 7 = 0",
        )
        var entry = Self.entry
        entry.copy = "COPY public.t (n, x) FROM stdin;\n"
        let table = RestoreLane.Table(entry: entry, copy: try #require(CopyStatement(entry)), place: 0..<1)
        try await PostgresSession.with(database.endpoint) { session in
            let parts = try await ReadBack.Part.all(of: table, size: 100_000, in: session)
            #expect(parts.count > 8)
            let readBack = ReadBack(lanes: 1)
            for part in parts.shuffled() {
                await readBack.note(
                    try await session.digest(part.statement, deadline: .seconds(60)),
                    of: part,
                )
            }
            let whole = try await session.digest(table.copy.reading, deadline: .seconds(60))
            let found = await readBack.tables
            #expect(whole.count == 20_000 - 20_000 / 7)
            #expect(found.tables["public.t"] == TableFingerprint(rows: whole.count, digest: whole.digest))
            #expect(found.patterns == [#""public"."t""#])
            // What is small, or gone, is read in one go, and says itself what is wrong.
            let small = try await ReadBack.Part.all(of: table, size: 1 << 30, in: session)
            try await session.query("DROP TABLE t CASCADE")
            let gone = try await ReadBack.Part.all(of: table, size: 1, in: session)
            #expect(small.count == 1 && gone == small)
        }
    }

    private static let entry = ArchiveEntry(
        id: 1,
        kind: "TABLE DATA",
        name: "public.t",
        section: 3,
        definition: "",
        owner: "",
        namespace: "public",
        tag: "t",
        tablespace: "",
        statement: "",
        copy: "",
    )
}
