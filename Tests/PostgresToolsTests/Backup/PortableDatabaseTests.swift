// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Testing

@testable import PostgresTools
@testable import Vault

/// A backup's folder and the key are enough.
@Suite("A backup that is brought back elsewhere", .tags(.postgres), .postgresCluster)
struct PortableDatabaseTests {
    private func backup() async throws -> (BackupBench, Backup, BackupFolder) {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference text)",
            "INSERT INTO shipments (reference) SELECT 'R' || n FROM generate_series(1, 500) n",
            "CREATE TYPE mood AS ENUM ('a')",
            "CREATE VIEW v AS SELECT count(*) FROM shipments",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.backups.drill(try await bench.create(database).id)
        let elsewhere = "\(cluster.home.layout.root)/elsewhere-\(backup.id)"
        _ = try await ProgramRunner().run(Program("cp", ["-r", bench.place(backup).folder, elsewhere]))
            .checked(doing: "copying a backup")
        return (bench, backup, try BackupFolder(elsewhere))
    }

    private func restore(
        _ folder: BackupFolder,
        _ key: RecoveryKey,
        to url: Secret,
    ) async throws -> (found: DatabaseFingerprint, remarks: [String]) {
        let content = try #require(folder.backup.content)
        return try await PortableDatabase(url: url)
            .restore(content, from: DumpFeed { sink in _ = try await folder.read(key, into: sink) })
    }

    @Test("is the same, belongs to who asked, and is refused where there is anything already")
    func restored() async throws {
        let (bench, backup, folder) = try await backup()
        #expect(folder.backup.id == backup.id && folder.backup.content?.seal == backup.content?.seal)
        let empty = try await bench.cluster.makeDatabase()
        let (found, remarks) = try await restore(folder, bench.key, to: empty.url)
        #expect(found.rows == 500 && remarks.isEmpty)
        let owner = "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE relname = 'shipments'"
        #expect(try await empty.value(owner) == "tracehub")
        #expect(try await empty.value("SELECT nextval('shipments_id_seq')") == "501")

        let again = await #expect(throws: Failure.self) {
            try await restore(folder, bench.key, to: empty.url)
        }
        #expect(again?.code == .conflict)
        #expect(again?.message.hasPrefix("the database \(empty.name) is not empty: it has ") == true)
    }

    @Test(
        "brings the roles along that its policies name, by who may make them; who may not is told before anything is there"
    )
    func policies() async throws {
        let cluster = try RunningCluster.current
        let database = try await cluster.makeDatabase(
            "CREATE TABLE people (id int)",
            "INSERT INTO people VALUES (1)",
        )
        let role = "reader_\(database.name)"
        try await cluster.administer(
            database.name,
            "CREATE ROLE \(role)",
            "CREATE POLICY own ON people TO \(role) USING (id = 1)",
            "GRANT SELECT ON people TO \(role)",
        )
        let bench = BackupBench(cluster)
        let backup = try await bench.create(database)
        let folder = try BackupFolder(bench.place(backup).folder)
        try await cluster.administer(database.name, "DROP OWNED BY \(role)", "DROP ROLE \(role)")
        let empty = try await cluster.makeDatabase()

        let refused = await #expect(throws: Failure.self) {
            try await restore(folder, bench.key, to: empty.url)
        }
        #expect(
            refused?.code == .conflict && refused?.hint?.contains("CREATE ROLE \"\(role)\" NOLOGIN") == true
        )
        #expect(try await empty.value("SELECT to_regclass('people') IS NULL") == "t")

        try await cluster.administer("postgres", "ALTER ROLE \(cluster.address.user) CREATEROLE")
        let (found, remarks) = try await restore(folder, bench.key, to: empty.url)
        try await cluster.administer("postgres", "ALTER ROLE \(cluster.address.user) NOCREATEROLE")
        #expect(found.rows == 1 && remarks.first?.contains(role) == true, "\(remarks)")
        #expect(try await empty.value("SELECT roles::text FROM pg_policies") == "{\(role)}")
        try await cluster.administer(empty.name, "DROP OWNED BY \(role)", "DROP ROLE \(role)")
    }

    @Test("is not brought back with another key, nor from a dump that was changed")
    func refused() async throws {
        let (bench, _, folder) = try await backup()
        let empty = try await bench.cluster.makeDatabase()
        let wrong = await #expect(throws: Failure.self) {
            try await restore(folder, RecoveryKey(), to: empty.url)
        }
        #expect(wrong?.message.contains("was encrypted with recovery key \(bench.key.id)") == true)

        // The dump of another backup of the same database, by the same key.
        let path = "\(bench.cluster.home.layout.root)/elsewhere-\(folder.backup.id)/dump"
        let own = try #require(try FileContent.bytes(of: path))
        let (_, other, _) = try await self.backup()
        try DurableFile.write(try #require(try FileContent.bytes(of: bench.place(other).dump)), to: path)
        let swapped = await #expect(throws: Failure.self) {
            try await restore(folder, bench.key, to: empty.url)
        }
        #expect(swapped?.code == .backupFailed, "\(String(describing: swapped))")
        #expect(try await empty.value("SELECT to_regclass('shipments') IS NULL") == "t")
        try DurableFile.write(own, to: path)

        var bytes = try #require(try FileContent.bytes(of: path))
        bytes[bytes.count - 40] ^= 1
        try DurableFile.write(bytes, to: path)
        let damaged = await #expect(throws: Failure.self) {
            try await restore(folder, bench.key, to: empty.url)
        }
        #expect(damaged?.code == .backupFailed)
    }

    @Test(
        "is written as pg_restore reads it, never over a file that is there, and not at all when it was changed"
    )
    func file() async throws {
        let (bench, backup, folder) = try await backup()
        let path = "\(bench.cluster.home.layout.root)/\(backup.id).dump"
        _ = try await folder.write(to: path, bench.key)
        let listed = try await ProgramRunner()
            .run(Program("/usr/lib/postgresql/15/bin/pg_restore", ["-l", path]))
        #expect(listed.output.contains("TABLE public shipments"))
        let there = await #expect(throws: Failure.self) { try await folder.write(to: path, bench.key) }
        #expect(there?.code == .conflict)
        await #expect(throws: Failure.self) { try await folder.write(to: "\(path).2", RecoveryKey()) }
        #expect(try FileContent.bytes(of: "\(path).2") == nil)
    }

    @Test("says what is wrong with a folder that is no backup, and with a URL that is none")
    func bad() async throws {
        let none = #expect(throws: Failure.self) { try BackupFolder("/nonexistent/b1") }
        #expect(none?.code == .notFound)
        let (bench, _, folder) = try await backup()
        for url in ["nonsense://x", "postgresql://nobody@127.0.0.1:1/x"] {
            await #expect(throws: Failure.self) { try await restore(folder, bench.key, to: Secret(url)) }
        }
    }
}
