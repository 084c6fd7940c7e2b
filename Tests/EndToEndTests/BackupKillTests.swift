// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// `kill -9` in the middle of what takes long, not only between two steps.
@Suite("A control plane that is killed while it makes or proves a backup", .tags(.slow, .postgres))
struct BackupKillTests {
    private struct Listed: Decodable {
        var id: String
        var state: String
    }

    @Test(
        "lists nothing half-made, leaves no program and no server, and the next one works",
        .timeLimit(.minutes(10)),
    )
    func killed() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let pushed = try await stage.push([
                "migrations/0001_big.sql": "CREATE TABLE big (n int, x text);\n"
            ])
            try #require(pushed.isSuccess, "\(pushed.errors)")
            let rows = "SELECT n, repeat(md5(n::text), 30) FROM generate_series(1, 250000) n"
            try await stage.sql("INSERT INTO big \(rows)")
            let accessory = "\(stage.home)/projects/app/production/accessories/db"
            let backups = "\(stage.home)/projects/app/production/backups"
            let before = try await list(stage)

            let making = Task { try await stage.opshub("backup", "create", "-e", "production") }
            var half = ""
            try await stage.waitUntil("a dump is being written") {
                let names = try Folder.exists(backups) ? Folder.names(in: backups) : []
                half = names.first { isThere("\(backups)/\($0)/dump.partial") } ?? ""
                return !half.isEmpty
            }
            stage.killControlPlane()
            #expect(try await !making.value.isSuccess)
            try await stage.serve()
            let after = try await list(stage)
            #expect(after.first?.id == half && after.first?.state == "failed", "\(after)")
            #expect(after.count == before.count + 1)
            #expect(!Folder.exists("\(backups)/\(half)"))
            #expect(try programs(of: accessory) == [])

            let proving = Task { try await stage.opshub("backup", "create", "-e", "production") }
            var proven = ""
            try await stage.waitUntil("a backup is being proven") {
                let names =
                    try Folder.exists("\(accessory)/drills") ? Folder.names(in: "\(accessory)/drills") : []
                proven = names.first { isThere("\(accessory)/drills/\($0)/data/postmaster.pid") } ?? ""
                return !proven.isEmpty
            }
            stage.killControlPlane()
            #expect(try await !proving.value.isSuccess)
            try await stage.serve()
            try await stage.waitUntil("what the drill has left is gone") {
                try Folder.names(in: "\(accessory)/drills").isEmpty
            }
            #expect(try await list(stage).first.map { [$0.id, $0.state] } == [proven, "written"])
            let verified = try await stage.opshub("backup", "verify", proven)
            #expect(verified.isSuccess, "\(verified.output)\(verified.errors)")
            #expect(try await stage.sql("SELECT count(*) FROM big") == "250000")
        }
    }

    private func list(_ stage: Stage) async throws -> [Listed] {
        try await stage.json([Listed].self, "backup", "list", "-e", "production")
    }

    private func isThere(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// What still reads or fills one of an accessory's databases.
    private func programs(of accessory: String) throws -> [String] {
        let text = try #require(try FileContent.bytes(of: "\(accessory)/accessory.json"))
        let record = try #require(try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any])
        let socket = try #require(record["socketFolder"] as? String)
        return ProcessTable.all()
            .filter { ["pg_dump", "pg_restore"].contains($0.name) && !$0.isZombie }
            .filter { ProcessTable.process($0.id, wasGiven: "PGHOST", socket) }
            .map(\.name)
    }
}
