// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// Production's data in staging, for people who may not see them.
@Suite("A restore into another environment", .tags(.slow, .postgres))
struct MaskingTests {
    @Test(
        "brings production's rows as the masking leaves them, and changes nothing when that fails",
        .timeLimit(.minutes(10)),
    )
    func masked() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let staging = """
                  staging:
                    branch: staging
                    domain: staging.localhost
                    approval: false
                    ports: { web: \(stage.ports.database + 1), db: \(stage.ports.database + 2) }
                    stability: { window: 1s }

                """
            let manifest = try #require(try FileContent.text(of: "\(stage.repository)/opshub.yml"))
            let files = [
                "opshub.yml": "\(manifest)\n\(staging)",
                "migrations/0001_people.sql": "CREATE TABLE people (id int PRIMARY KEY, mail text);\n",
            ]
            for branch in ["main", "staging"] {
                let pushed = try await stage.push(files, branch: branch)
                try #require(pushed.isSuccess, "\(pushed.errors)")
            }
            try await stage.sql(
                "INSERT INTO people SELECT n, 'person' || n || '@real.test' FROM generate_series(1, 50) n"
            )
            try await stage.sql("INSERT INTO people VALUES (1, 'tester@staging.test')", in: .staging)
            let made = try await stage.opshub("backup", "create", "-e", "production")
            try #require(made.isSuccess, "\(made.output)\(made.errors)")
            let name = try await stage.newestBackup()

            let (good, bad) = ("\(stage.root)/mask.sql", "\(stage.root)/bad.sql")
            try DurableFile.write("UPDATE people SET mail = 'person' || id || '@example.test';\n", to: good)
            try DurableFile.write("UPDATE people SET mail = NULL;\nUPDATE nobody SET x = 1;\n", to: bad)
            func restore(_ mask: String) async throws -> ProgramResult {
                try await stage.opshub(
                    "backup",
                    "restore",
                    name,
                    "-e",
                    "staging",
                    "--mask",
                    mask,
                    "--confirm",
                    "staging",
                )
            }
            let refused = try await restore(bad)
            #expect(!refused.isSuccess, "\(refused.output)")
            #expect(
                refused.output.contains("relation \"nobody\" does not exist"),
                "\(refused.output)\(refused.errors)",
            )
            #expect(try await stage.sql("SELECT mail FROM people", in: .staging) == "tester@staging.test")

            let done = try await restore(good)
            #expect(done.isSuccess, "\(done.output)\(done.errors)")
            let seen = "SELECT count(*), count(*) FILTER (WHERE mail LIKE '%@example.test') FROM people"
            #expect(try await stage.sql(seen, in: .staging) == "50|50")
            #expect(try await stage.sql(seen) == "50|0")
            for text in [refused.output, refused.errors, done.output, done.errors] {
                #expect(!text.contains("@real.test"))
            }
        }
    }
}
