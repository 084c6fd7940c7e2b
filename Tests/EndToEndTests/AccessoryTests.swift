// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import HostSystem
import Testing

/// Files and keys of an application that outlive its releases.
@Suite("What is kept beside databases", .tags(.slow))
struct AccessoryTests {
    /// Every start of the application is written down where its uploads are.
    private static let run =
        #"'echo "$OPSHUB_RELEASE" >>"$UPLOADS_PATH/starts"; exec /usr/bin/python3 server.py'"#

    @Test(
        "outlive releases, are backed up with every deployment that wants it, and come back",
        .timeLimit(.minutes(10)),
    )
    func whole() async throws {
        let manifest = Stage.Manifest(
            window: "1s",
            hasDatabase: true,
            hasFolder: true,
            backup: ", before: always",
            run: Self.run,
        )
        try await Stage.with(manifest) { stage in
            let files = "\(stage.home)/projects/app/production/accessories/uploads/files"
            func starts() throws -> [Substring] {
                try (FileContent.text(of: "\(files)/starts") ?? "").split(separator: "\n")
            }
            let first = try await stage.push([
                "migrations/0001_t.sql": "CREATE TABLE shipments (id int);\n"
            ])
            try #require(first.isSuccess, "\(first.errors)")
            #expect(first.errors.contains("uploads is \(files)"), "\(first.errors)")
            let second = try await stage.push(["note.txt": "2"])
            try #require(second.isSuccess, "\(second.errors)")
            #expect(try starts() == ["r1", "r2"])

            let list = try await stage.json([BackupView].self, "backup", "list", "-e", "production")
            let own = try #require(
                list.first { $0.database == "app/production/uploads" && $0.reason == "before d2" }
            )
            #expect(own.state == "verified")
            #expect(own.proof?.hasPrefix("1 file is the same") == true)
            let shown = try await stage.opshub("backup", "show", own.id)
            #expect(shown.output.contains("  folder     ., 1 file"), "\(shown.output)")

            let unsaid = try await stage.opshub("backup", "restore", "-e", "production", "--dry-run")
            #expect(unsaid.errors.contains("keeps its data in 2 places"), "\(unsaid.errors)")
            try DurableFile.write("gone\n", to: "\(files)/starts")
            let restore = ["backup", "restore", own.id, "-e", "production"]
            let asked = try await stage.opshub(restore + ["--dry-run"])
            #expect(asked.output.contains("→ app/production/uploads"), "\(asked.output)\(asked.errors)")
            #expect(!asked.output.contains("schema"), "\(asked.output)")
            let restored = try await stage.opshub(restore + ["--confirm", "production"])
            #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
            // As it was, and the services were started anew on it.
            #expect(try starts() == ["r1", "r2"])
            let undo = ["backup", "restore", "--undo", "d3", "-e", "production", "--confirm", "production"]
            let back = try await stage.opshub(undo)
            #expect(back.isSuccess, "\(back.output)\(back.errors)")
            #expect(try starts().first == "gone")
            try await Self.elsewhere(own, stage)
        }
    }

    @Test("so do the keys of a Redis server", .timeLimit(.minutes(10)))
    func keys() async throws {
        try await Stage.with(.init(window: "1s", hasRedis: true)) { stage in
            let first = try await stage.push(["note.txt": "1"])
            try #require(first.isSuccess, "\(first.errors)")
            let process = try #require(try stage.instances().first)
            let variables = try FileContent.text(of: "/proc/\(process)/environ") ?? ""
            let variable = variables.split(separator: "\0").first { $0.hasPrefix("REDIS_URL=") }
            let url = String(try #require(variable).dropFirst("REDIS_URL=".count))
            func ask(_ words: String...) async throws -> String {
                let call = Program("redis-cli", ["-e", "-u", url, "--no-auth-warning"] + words)
                return try await ProgramRunner().run(call).checked(doing: "asking Redis").output
            }
            #expect(try await ask("SET", "when", "then") == "OK\n")
            let made = try await stage.opshub("backup", "create", "-e", "production")
            #expect(made.output.contains("app/production/cache"), "\(made.output)\(made.errors)")
            #expect(made.output.contains("1 key is there"), "\(made.output)")
            #expect(try await ask("SET", "when", "now") == "OK\n")
            let restore = ["backup", "restore", "-e", "production", "--confirm", "production"]
            let restored = try await stage.opshub(restore)
            #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
            #expect(try await ask("GET", "when") == "then\n")
            let log = try await stage.opshub("deployment", "show", "d2")
            let password = try #require(
                url.split(separator: ":").dropFirst(2).first?.split(separator: "@").first
            )
            for text in [restored.output, restored.errors, log.output, try stage.serveLog()] {
                #expect(!text.contains(password))
            }
            stage.killControlPlane()
            try await stage.serve()
            #expect(try await ask("GET", "when") == "then\n")
        }
    }

    /// A backup's files, with nothing but the program and the key.
    private static func elsewhere(_ backup: BackupView, _ stage: Stage) async throws {
        let (archive, folder) = (
            "\(stage.root)/files.tar", "\(stage.home)/projects/app/production/backups/\(backup.id)",
        )
        let made = try await stage.opshub([
            "backup", "restore", "--from", folder, "--key", "\(stage.home)/keys/recovery.key", "--out",
            archive,
        ])
        #expect(
            made.output.contains("restore it with tar --no-same-owner -xpf FILE -C FOLDER"),
            "\(made.output)\(made.errors)",
        )
        let names = try await ProgramRunner().run(Program("tar", ["-tf", archive])).output
        #expect(names == "./\n./starts\n")
    }
}
