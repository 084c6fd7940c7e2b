// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Foundation
import GRDB
import Manifest
import Testing

@testable import Storage

/// A state that an earlier OpsHub wrote, and the way back to it.
@Suite("A state database of an earlier version")
struct StateUpgradeTests {
    @Test("is read whole by this one, with what opshub.yml means when it does not say", arguments: schemas)
    func upgraded(schema: Int) async throws {
        try await Scratch.use { scratch in
            try Self.restore(schema, to: scratch)
            let records = SQLiteDeliveryRecords(try StateDatabase(path: scratch.database))
            let environments = try await records.environments()
            #expect(environments.map(\.key.description) == ["app/production", "app/staging"])
            for record in environments {
                let releases = try await records.releases(of: record.key, limit: 9)
                #expect(releases.count == 2)
                for release in releases {
                    #expect(
                        release.manifest.environments.map(\.name)
                            == ["production", "staging"].map { EnvironmentName($0) }
                    )
                    #expect(
                        release.manifest.environments.map(\.heal) == [
                            [.services, .routes], [.services, .routes],
                        ]
                    )
                    #expect(release.manifest.environments.allSatisfy { $0.releases == ReleasesManifest() })
                    #expect(release.retiredAt == nil)
                }
            }
            let deployments = try await records.deployments(of: nil, limit: 9)
            #expect(deployments.map(\.id.rawValue) == ["d4", "d3", "d2", "d1"])
            #expect(deployments.map(\.isOver) == [false, true, true, true])
            let waiting = try #require(deployments.first?.plan?.content.services.first)
            #expect(waiting.variables.map(\.name) == (schema == 2 ? [] : ["LOG_LEVEL", "TIER"]))
            #expect(waiting.variables.allSatisfy { $0.version == nil })
            for deployment in deployments {
                #expect(try await !records.journal(of: deployment.id, after: 0, limit: 999).isEmpty)
            }
        }
    }

    @Test("is kept beside the new one as it was, once, for its owner's eyes only", arguments: schemas)
    func kept(schema: Int) async throws {
        try await Scratch.use { scratch in
            try Self.restore(schema, to: scratch)
            _ = try StateDatabase(path: scratch.database)
            let copy = StateUpgrade(path: scratch.database).copy(of: schema)
            let mode = try FileManager.default.attributesOfItem(atPath: copy)[.posixPermissions]
            #expect((mode as? NSNumber)?.intValue == 0o600)
            let before = try Data(contentsOf: URL(filePath: copy))
            _ = try StateDatabase(path: scratch.database)
            #expect(try Data(contentsOf: URL(filePath: copy)) == before)

            // An OpsHub of that version could go on with it.
            let queue = try DatabaseQueue(path: copy)
            let applied = try await queue.read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM grdb_migrations")
            }
            #expect(applied == schema)
            let waiting = try await queue.read {
                try String.fetchAll($0, sql: "SELECT id FROM deployment WHERE is_over = 0")
            }
            #expect(waiting == ["d4"])
            try queue.close()
        }
    }

    @Test("tells an older OpsHub that meets the new one how to go back to it")
    func wayBack() async throws {
        try await Scratch.use { scratch in
            _ = try StateDatabase(path: scratch.database)
            let own = StateDatabase.migrator.migrations.count
            let copy = StateUpgrade(path: scratch.database).copy(of: own)
            try scratch.tamper("INSERT INTO grdb_migrations VALUES ('999 from the future')")
            for isKept in [false, true] {
                if isKept { try Data([1]).write(to: URL(filePath: copy)) }
                let failure = #expect(throws: Failure.self) { try StateDatabase(path: scratch.database) }
                #expect(failure?.message.contains("was written by a newer version of OpsHub") == true)
                #expect(failure?.hint?.contains("mv \(copy) \(scratch.database)") == isKept)
            }
        }
    }

    @Test("that is new has nothing to be kept")
    func new() async throws {
        try await Scratch.use { scratch in
            _ = try StateDatabase(path: scratch.database)
            _ = try StateDatabase(path: scratch.database)
            let files = try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path)
            #expect(!files.contains { $0.contains("schema") })
        }
    }

    /// Those that have a dump in Fixtures; each schema that was ever in use must have one.
    private static let schemas = [2, 3]

    private static func restore(_ schema: Int, to scratch: Scratch) throws {
        let fixtures = URL(filePath: #filePath).deletingLastPathComponent().appending(component: "Fixtures")
        let dump = try String(
            contentsOf: fixtures.appending(component: "state-schema-\(schema).sql"),
            encoding: .utf8,
        )
        let queue = try DatabaseQueue(path: scratch.database)
        try queue.writeWithoutTransaction { try $0.execute(sql: dump) }
        try queue.close()
    }
}
