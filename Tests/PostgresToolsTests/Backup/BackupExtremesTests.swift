// SPDX-License-Identifier: Apache-2.0
import Delivery
import Core
import Glibc
import DataSafety
import HostSystem
import TestSupport
import Testing

@testable import PostgresTools
@testable import Vault

@Suite(
    "Backups of unusual databases, and on disks that are full",
    .tags(.postgres, .slow),
    .postgresCluster,
)
struct BackupExtremesTests {
    @Test("Ten thousand tables are dumped, restored and compared, each")
    func manyTables() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase()
        // A hundred in each transaction: a transaction holds a lock on everything that it has made.
        for part in 0..<100 {
            let tables = (0..<100).map { "CREATE TABLE t\(part)_\($0) (id int, name text DEFAULT 'x')" }
            try await database.run(
                "DO $$ BEGIN \(tables.joined(separator: "; ")); INSERT INTO t\(part)_7 VALUES (\(part)); END $$"
            )
        }
        let bench = BackupBench(cluster)
        let written = try await bench.create(database)
        let verified = try await bench.backups.drill(written.id)
        let drill = try #require(verified.drill, "\(verified.failure.map(String.init(describing:)) ?? "")")
        #expect((drill.tables, drill.rows) == (10_000, 100))
        try await cluster.administer("postgres", "DROP DATABASE \(database.name)")
    }

    @Test(
        "Names and rows in another encoding come back as they were, byte by byte",
        arguments: [("LATIN1", "ä"), ("SQL_ASCII", "x"), ("EUC_JP", "船")],
    )
    func encoding(_ encoding: String, _ letter: String) async throws {
        let cluster = try RunningCluster.current
        let name = "encoded_\(encoding.lowercased())"
        try await cluster.administer(
            "postgres",
            "CREATE DATABASE \(name) OWNER \(cluster.address.user) TEMPLATE template0 ENCODING '\(encoding)' LC_COLLATE 'C' LC_CTYPE 'C'",
        )
        let database = TestDatabase(cluster: cluster, name: name)
        try await database.run(
            "SET client_encoding TO UTF8",
            "CREATE TABLE \"ships \(letter)\" (name text PRIMARY KEY, raw text)",
            "INSERT INTO \"ships \(letter)\" SELECT repeat('\(letter)', n), '\\' FROM generate_series(1, 50) n",
        )
        if encoding == "SQL_ASCII" {
            // Anything may be in there that is in no encoding at all.
            try await database.run("INSERT INTO \"ships x\" VALUES (E'\\xff\\xfe', E'\\xc3')")
        }
        let bench = BackupBench(cluster)
        let written = try await bench.create(database)
        let verified = try await bench.backups.drill(written.id)
        let drill = try #require(verified.drill, "\(verified.failure.map(String.init(describing:)) ?? "")")
        #expect((drill.tables, drill.rows) == (1, encoding == "SQL_ASCII" ? 51 : 50))
        #expect(drill.countedOnly.isEmpty)
    }

    @Test("A disk that is full at whatever byte leaves no backup, and the next one has all of the room")
    func diskFull() async throws {
        let cluster = try RunningCluster.current
        let layout = cluster.home.layout
        let database = try await cluster.makeDatabase(
            "CREATE TABLE t AS SELECT n, md5(n::text) || md5((n * 7)::text) AS x FROM generate_series(1, 20000) n"
        )
        let cramped = HomeLayout(root: "\(layout.root)/cramped")
        let folder = cramped.backups(of: cluster.home.environment)
        try Folder.make(folder)
        let target = DatabaseTarget(cluster.home.environment, cluster.accessoryName, database.name)
        var failed = 0
        for size in stride(from: 32, through: 2048, by: 224) {
            try await run("mount", "-t", "tmpfs", "-o", "size=\(size)k,mode=700", "tmpfs", folder)
            // A program that is being started may have it open for a moment yet.
            defer { _ = unsafe umount2(folder, CInt(MNT_DETACH)) }
            let backups = Backups(
                store: cluster.store,
                vault: FileBackupVault(layout: cramped, key: RecoveryKey(), reserve: ByteCount(0)),
                offsite: RcloneStores(layout: layout),
                server: PostgresDatabaseServer(layout: layout),
                lock: NoLock(),
            )
            do {
                let written = try await backups.create(target, because: .schedule)
                let verified = try await backups.drill(written.id)
                #expect(verified.isVerified)
            } catch let failure as Failure {
                failed += 1
                #expect(failure.code == .diskFull, "with \(size) KiB: \(failure)")
                let known = try await backups.list(cluster.home.environment).filter { $0.database == target }
                #expect(known.allSatisfy { $0.content == nil || $0.isVerified })
                let left = try Folder.names(in: folder).flatMap { try Folder.names(in: "\(folder)/\($0)") }
                #expect(left.isEmpty, "with \(size) KiB: \(left)")
            }
        }
        #expect(failed > 3 && failed < 10)
    }

    private func run(_ words: String...) async throws {
        _ = try await ProgramRunner().run(Program(words[0], Array(words.dropFirst())))
            .checked(doing: words[0])
    }
}
