// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Manifest
import Testing

@testable import PostgresTools

@Suite("A rehearsal of Alembic's revisions", .tags(.postgres, .slow), .postgresCluster, .serialized)
struct AlembicRehearsalTests {
    private func bench(_ change: (String) throws -> Void) async throws -> MigrationBench {
        let project = try await AlembicProject.make(in: RunningCluster.current.home)
        try change(project.folder)
        try await project.seal()
        return MigrationBench(
            try await RunningCluster.current.makeDatabase(),
            .alembic,
            AlembicMigrations(builder: AccountBuildRunner()),
            in: project.folder,
        )
    }

    private func bench(adding name: String) async throws -> MigrationBench {
        try await bench { folder in
            for file in try Folder.names(in: "\(AlembicEnvironment.fixtures)/\(name)") {
                let text = try #require(
                    try FileContent.text(of: "\(AlembicEnvironment.fixtures)/\(name)/\(file)")
                )
                try DurableFile.write(text, to: "\(folder)/migrations/versions/\(file)")
            }
        }
    }

    @Test("tells each from the others, also one outside of a transaction")
    func revisions() async throws {
        let bench = try await bench(adding: "concurrent")
        #expect(try await bench.verdicts().map(\.migration.id.rawValue) == ["0001", "0002", "0003"])
        try await bench.apply([
            MigrationRevision("0001"), MigrationRevision("0002"), MigrationRevision("0003"),
        ])
        #expect(try await bench.verdicts().isEmpty)
    }

    @Test("names the one that fails, and its statement's error")
    func failing() async throws {
        let verdicts = try await bench(adding: "failing").verdicts()
        #expect(verdicts.map(\.hazards) == [[], [], [.mayFail]])
        #expect(verdicts.last?.findings.first?.sentence.contains("revision 0003 failed") == true)
    }

    @Test("judges revisions that share a transaction together")
    func shared() async throws {
        let bench = try await bench { project in
            try Self.edit(
                "\(project)/migrations/env.py",
                "transaction_per_migration=True",
                "transaction_per_migration=False",
            )
            let update = """
                from alembic import op

                revision = "0003"
                down_revision = "0002"


                def upgrade() -> None:
                    op.execute("UPDATE shipments SET reference = lower(reference)")
                """
            try DurableFile.write(update, to: "\(project)/migrations/versions/0003_lower.py")
        }
        try await bench.database.run(
            "CREATE TABLE shipments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, reference varchar(32) NOT NULL, x text)",
            "INSERT INTO shipments (reference, x) SELECT n, repeat('x', 500) FROM generate_series(1, 40000) n",
            "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
            "INSERT INTO alembic_version VALUES ('0001')",
        )
        let verdicts = try await bench.verdicts()
        #expect(verdicts.map(\.hazards) == [[.blocksReads], [.blocksReads, .blocksWrites]])
        #expect(
            verdicts[0].findings[0].advice
                == "give each migration a transaction of its own (Alembic: transaction_per_migration=True in env.py)"
        )
    }

    @Test("does not let code run that connects to another database than the one it is given")
    func astray() async throws {
        let bench = try await bench { _ in }
        let url = bench.database.url.revealed()
        try Self.edit("\(bench.folder)/migrations/env.py", "os.environ[\"DATABASE_URL\"]", "\"\(url)\"")
        let empty = await #expect(throws: Failure.self) { try await bench.verdicts() }
        #expect(empty?.message == "the migrations did not connect to DATABASE_URL")
        #expect(empty?.code == .strayMigrations)
        #expect(try await bench.database.value("SELECT to_regclass('shipments') IS NULL") == "t")
        try await bench.apply([MigrationRevision("0001"), MigrationRevision("0002")])
        let applied = await #expect(throws: Failure.self) { try await bench.verdicts() }
        #expect(applied?.message.hasPrefix("the migrations found revision 0002 in an empty database") == true)
    }

    private static func edit(_ path: String, _ old: String, _ new: String) throws {
        let text = try #require(try FileContent.text(of: path))
        try #require(text.contains(old))
        try DurableFile.write(text.replacing(old, with: new), to: path)
    }
}
