// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import HostSystem
import Testing

@testable import PostgresTools

@Suite("What a dump says that it holds", .tags(.postgres), .postgresCluster)
struct ArchiveReaderTests {
    private func dump(_ database: TestDatabase) async throws -> [UInt8] {
        let bytes = ByteCollector()
        _ = try await databaseDump(database).contents { bytes.add($0) }
        return bytes.bytes
    }

    private func databaseDump(_ database: TestDatabase) async throws -> DatabaseDump {
        let cluster = try ClusterAccess(
            database.target.accessory,
            of: database.target.environment,
            in: database.cluster.home.layout,
        )
        return DatabaseDump(
            cluster: cluster,
            programs: try await PostgresPrograms.locate(cluster.record.major),
            database: database.name,
            deadline: .seconds(60),
        )
    }

    private func read(_ bytes: [UInt8], by size: Int) throws -> ArchiveContents {
        var reader = ArchiveReader()
        var start = 0
        while start < bytes.count {
            let end = min(start + size, bytes.count)
            try reader.read(Array(bytes[start..<end]))
            start = end
        }
        return try reader.finish()
    }

    @Test("is the same however the bytes come, and what the database itself says")
    func pieces() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        try await cluster.fillWithEverything(database)
        let bytes = try await dump(database)
        let whole = try read(bytes, by: bytes.count)
        for size in [1, 7, 4096, 65_536] { #expect(try read(bytes, by: size) == whole, "\(size)") }
        let tables = try await cluster.rows(
            database.name,
            """
            SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
            """,
        )
        #expect(Set(whole.tables.keys) == Set(tables.map { $0[0] } + ["large objects"]))
        for (table, found) in whole.tables where table != "large objects" {
            let count = try await cluster.value(database.name, "SELECT count(*) FROM ONLY \(table)")
            #expect("\(found.rows)" == count, "\(table)")
        }
        #expect(whole.tables["large objects"]?.rows == 2)
        let sequences = try await cluster.rows(
            database.name,
            "SELECT format('%I.%I', schemaname, sequencename), last_value FROM pg_sequences WHERE last_value IS NOT NULL",
        )
        #expect(!sequences.isEmpty)
        for row in sequences { #expect(whole.sequences[row[0]]?.after == row.integer(1), "\(row[0])") }
        let found = whole.definitions.keys
        for key in [
            "INDEX public.ships_odd_expression", "TABLE public.ships", "EXTENSION pg_trgm",
            "TYPE public.mood",
            "CHECK CONSTRAINT public.parent", "MATERIALIZED VIEW public.counted", "POLICY public.ships mine",
        ] where key != "CHECK CONSTRAINT public.parent" {
            #expect(found.contains(key), "\(key)")
        }
        // The schema alone says the same of the schema.
        #expect(try await databaseDump(database).definitions() == whole.definitions)
    }

    @Test("is the same for the same rows in another order, and another one for any other rows")
    func rows() async throws {
        let cluster = try RunningCluster.current
        let values = ["(1, 'a')", "(2, NULL)", "(3, '')", #"(4, E'x\\ny')"#, #"(5, E'\\\\.')"#, "(6, 'ü🚢')"]
        func digest(_ rows: [String]) async throws -> TableFingerprint? {
            let database = try await cluster.makeDatabase(
                "CREATE TABLE t (id int, x text)",
                "INSERT INTO t VALUES \(rows.joined(separator: ", "))",
            )
            // Where it lies depends on the names of databases, too.
            var found = try await databaseDump(database).contents().tables["public.t"]
            found?.place = nil
            return found
        }
        let all = try await digest(values)
        #expect(all?.rows == 6)
        #expect(try await digest(values.reversed()) == all)
        var seen: Set<String?> = [all?.digest]
        for index in values.indices {
            var fewer = values
            fewer.remove(at: index)
            seen.insert(try await digest(fewer)?.digest)
            var other = values
            other[index] = "(\(index + 1), 'other')"
            seen.insert(try await digest(other)?.digest)
        }
        seen.insert(try await digest(values + [values[0]])?.digest)
        #expect(seen.count == 2 + 2 * values.count)
    }

    @Test("is told of one text column of which some are empty, or look like the end of the data")
    func single() async throws {
        let database = try await RunningCluster.current.makeDatabase(
            "CREATE TABLE t (x text)",
            #"INSERT INTO t VALUES (''), (''), (E'\\.'), (E'\n'), ('last')"#,
            "CREATE TABLE none (x text)",
            "CREATE SEQUENCE lowest AS bigint MINVALUE -9223372036854775808",
            "CREATE TABLE columnless ()",
            "INSERT INTO columnless DEFAULT VALUES",
            "INSERT INTO columnless DEFAULT VALUES",
        )
        let tables = try await databaseDump(database).contents().tables
        #expect(tables["public.t"]?.rows == 5)
        #expect(tables["public.none"]?.rows == 0)
        #expect(tables["public.columnless"]?.rows == 2)
    }

    @Test("changes with an owner, a column, a privilege and a comment, and nowhere else")
    func definitions() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE a (id int)",
            "CREATE TABLE b (id int)",
            "CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE FUNCTION f(text) RETURNS int LANGUAGE sql AS 'SELECT 1'",
        )
        let dump = try await databaseDump(database)
        var before = try await dump.definitions()
        #expect(before.keys.count { $0.hasPrefix("FUNCTION public.f(") } == 2)
        for (statement, key) in [
            ("ALTER TABLE a ALTER id TYPE bigint", "TABLE public.a"),
            ("ALTER TABLE a OWNER TO opshub_server", "TABLE public.a"),
            ("GRANT SELECT ON b TO pg_monitor", "ACL public.TABLE b"),
            ("COMMENT ON TABLE b IS 'x'", "COMMENT public.TABLE b"),
            ("CREATE INDEX ix ON b (id)", "INDEX public.ix"),
        ] {
            try await cluster.administer(database.name, statement)
            let after = try await dump.definitions()
            let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
            #expect(changed == [key], "\(statement)")
            before = after
        }
    }

    @Test("can't be told of anything else, of one that is cut short, and of one that goes on after its end")
    func damaged() async throws {
        let database = try await RunningCluster.current.makeDatabase(
            "CREATE TABLE t AS SELECT generate_series(1, 50) AS x"
        )
        let bytes = try await dump(database)
        for length in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 97)) {
            #expect(throws: Failure.self, "cut to \(length)") { try read(Array(bytes[..<length]), by: 4096) }
        }
        #expect(throws: Failure.self) { try read(Array("<!DOCTYPE html>".utf8), by: 5) }
        #expect(throws: Failure.self) { try read(bytes + [0, 1, 2], by: 4096) }
        var newer = bytes
        newer[6] = 99
        let failure = #expect(throws: Failure.self) { try read(newer, by: 4096) }
        #expect(failure?.message.contains("1.99") == true)
    }
}
