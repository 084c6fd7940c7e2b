// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem
import Testing

@testable import PostgresTools

/// Statements whose locks, rewrites and scans others have measured.
@Suite("What a statement does, beside what was measured of it", .tags(.postgres), .postgresCluster)
struct StatementCorpusTests {
    private static let folder =
        #filePath.split(separator: "/").dropLast(5).reduce("") { "\($0)/\($1)" } + "/shared/corpus/sql"
    private static let isThere = FileManager.default.fileExists(atPath: folder)

    /// Names that the measured statements use; what was measured had rows, this has none.
    private static let tables = [
        "CREATE TABLE p (id int PRIMARY KEY)", "CREATE DOMAIN dm AS int",
        "CREATE DOMAIN dc AS int CHECK (VALUE > 0)", "CREATE TYPE mood AS ENUM ('a', 'b')",
        """
        CREATE TABLE t (id int PRIMARY KEY, a int, uq int, n int NOT NULL, chk int, s text, v varchar(50),
            num numeric(10, 2), ts timestamp, js json, fk int, d dm,
            CONSTRAINT chk_there CHECK (chk IS NOT NULL))
        """,
        "CREATE INDEX t_a ON t (a)", "CREATE UNIQUE INDEX t_uq_idx ON t (uq)",
        "ALTER TABLE t ADD CONSTRAINT nv CHECK (a > 0) NOT VALID",
        "ALTER TABLE t ADD CONSTRAINT fknv FOREIGN KEY (fk) REFERENCES p NOT VALID",
        "CREATE MATERIALIZED VIEW mv AS SELECT 1::dm AS d",
    ]

    /// What is said of a statement.
    private struct Effect: Hashable, CustomStringConvertible {
        var locks: [String: LockMode]
        var isRewritten: Bool
        /// Nil where nobody measured it.
        var isScanned: Bool?

        var description: String {
            let words = locks.sorted { $0.key < $1.key }.map { "\($0.value.rawValue)@\($0.key)" }
            return
                "\(words.joined(separator: " "))|\(isRewritten ? "t" : "no")|\(isScanned == true ? "scan" : "no")"
        }
    }

    @Test(
        "Of 77 statements every lock that keeps writers out, every rewrite and every scan is seen",
        .enabled(if: isThere),
    )
    func measured() async throws {
        let text = try #require(try FileContent.text(of: "\(Self.folder)/measured/pg15_ddl_locks.txt"))
        let database = try await RunningCluster.current.makeDatabase()
        // Tables that were analyzed in the middle of it would be read by other plans than those that were measured.
        try await database.cluster.administer("postgres", "ALTER SYSTEM SET autovacuum = off")
        try await database.cluster.administer("postgres", "SELECT pg_reload_conf()")
        try await database.run(Self.tables)
        var differences: [String] = []
        var count = 0
        // One of them disables a foreign key's own triggers, which only a superuser may.
        try await PostgresSession.with(try database.cluster.administrator(database.name)) { session in
            for line in text.split(separator: "\n") {
                let parts = line.split(separator: " => ")
                guard parts.count == 2, let expected = Self.effect(parts[1]) else { continue }
                // Here the superuser has another name.
                let statement = parts[0].replacing("owner to postgres", with: "owner to opshub_server")
                var found = try await Self.effect(of: String(statement), session)
                count += 1
                if expected.isScanned == nil { found.isScanned = nil }
                if found != expected { differences.append("\(parts[0]): \(found), measured \(expected)") }
            }
        }
        #expect(count == 77)
        // There the view read a table, and only that one was looked at.
        let view =
            "refresh materialized view mv: AccessExclusiveLock@mv|t|no, measured AccessExclusiveLock@mv|no|scan"
        #expect(differences == [view])
    }

    private static func effect(of text: String, _ session: PostgresSession) async throws -> Effect {
        try await session.query("ROLLBACK")
        var replay = try await StatementReplay(
            session,
            original: try await SchemaState(session),
            bookkeeping: [],
        )
        _ = try await replay.run(RecordedStatement("BEGIN"))
        var effect = Effect(locks: [:], isRewritten: false, isScanned: false)
        for statement in try SQLScript.statements(text) {
            guard let trace = try await replay.run(RecordedStatement(statement.text)) else { continue }
            for (name, mode) in trace.locks where mode.blocksWrites {
                effect.locks[String(name.dropFirst("public.".count))] = mode
            }
            effect.isRewritten = effect.isRewritten || !(trace.rewritten + trace.emptied).isEmpty
            effect.isScanned = effect.isScanned == true || !trace.scanned.isEmpty
        }
        try await session.query("ROLLBACK")
        return effect
    }

    /// `AccessExclusiveLock@t ShareLock@t|no|scan 1x`; nil for a line that lacks a part.
    private static func effect(_ text: Substring) -> Effect? {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var locks: [String: LockMode] = [:]
        for lock in parts[0].split(separator: " ") {
            let halves = lock.split(separator: "@")
            guard halves.count == 2, let mode = LockMode(rawValue: String(halves[0])), mode.blocksWrites
            else { continue }
            let isIndex = halves[1].hasPrefix("t_")
            guard !isIndex || mode == .accessExclusive else { continue }
            let table = isIndex ? "t" : String(halves[1])
            locks[table] = max(locks[table] ?? mode, mode)
        }
        return Effect(
            locks: locks,
            isRewritten: parts[1] == "t",
            isScanned: parts[2].isEmpty ? nil : parts[2].hasPrefix("scan"),
        )
    }

    /// One statement of eugene's examples (MIT).
    private struct Example: Decodable {
        struct Lock: Decodable {
            let object: String
            let mode: String
            let relkind: String
        }

        let kind: String
        let script: String
        let sql: String
        let new_locks: [Lock]
    }

    @Test("Of eugene's examples every lock that it saw is seen", .enabled(if: isThere))
    func examples() async throws {
        let text = try #require(try FileContent.text(of: "\(Self.folder)/eugene/cases.jsonl"))
        let examples = try text.split(separator: "\n")
            .map { try JSONDecoder().decode(Example.self, from: Data($0.utf8)) }.filter { $0.kind == "trace" }
        var differences: [String] = []
        var (folder, database): (String, TestDatabase?) = ("", nil)
        for (script, statements) in Self.grouped(examples) {
            let own = script.split(separator: "/").dropLast().joined(separator: "/")
            if own != folder { (folder, database) = (own, try await RunningCluster.current.makeDatabase()) }
            let isAlone = statements.contains { $0.sql.lowercased().contains("concurrently") }
            try await PostgresSession.with(try #require(database).endpoint) { session in
                let original = try await SchemaState(session)
                var replay = try await StatementReplay(session, original: original, bookkeeping: [])
                if !isAlone { _ = try await replay.run(RecordedStatement("BEGIN")) }
                for statement in statements {
                    let sql = try #require(try SQLScript.statements(statement.sql).first).text
                    let trace = try await replay.run(RecordedStatement(sql))
                    let found = (trace?.locks ?? [:]).filter(\.value.blocksWrites)
                    let seen = Self.locks(statement.new_locks)
                    if found != seen { differences.append("\(script) \(sql): \(found), eugene \(seen)") }
                }
                if !isAlone { _ = try await replay.run(RecordedStatement("COMMIT")) }
            }
        }
        #expect(examples.count > 80)
        #expect(differences == [])
    }

    private static func grouped(_ examples: [Example]) -> [(script: String, statements: [Example])] {
        examples.reduce(into: []) { groups, example in
            if groups.last?.script == example.script {
                groups[groups.count - 1].statements.append(example)
            } else {
                groups.append((example.script, [example]))
            }
        }
    }

    private static func locks(_ seen: [Example.Lock]) -> [String: LockMode] {
        seen.filter { $0.relkind == "Table" }
            .reduce(into: [:]) { locks, lock in
                guard let mode = LockMode(rawValue: lock.mode), mode.blocksWrites else { return }
                let name = "public.\(lock.object)"
                locks[name] = max(locks[name] ?? mode, mode)
            }
    }
}
