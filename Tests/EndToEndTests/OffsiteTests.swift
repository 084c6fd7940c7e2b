// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Foundation
import HostSystem
import TestSupport
import Testing

/// Copies of backups in a store that speaks S3, from outside.
@Suite("Backups elsewhere", .tags(.slow, .postgres))
struct OffsiteTests {
    private static let create =
        "CREATE TABLE shipments (id int PRIMARY KEY);\nINSERT INTO shipments VALUES (1), (2);\n"

    @Test(
        "get there, are proven from there and come back; a store that fails is told, and counts for nothing",
        .timeLimit(.minutes(10)),
    )
    func offsite() async throws {
        try await Stage.with(.init(hasDatabase: true, backup: ", offsite: spaces")) { stage in
            try await StoreServer.with(in: stage.root) { store in
                let pushed = try await stage.push(["migrations/0001_shipments.sql": Self.create])
                #expect(pushed.isSuccess, "\(pushed.errors)")
                let missing = try await stage.opshub("status")
                #expect(missing.output.contains("PROBLEM  backups go nowhere else"), "\(missing.output)")
                try await add(store, stage)

                // The one that the deployment has made gets there without anybody.
                try await stage.waitUntil("b1 is off-site") { try await copy(of: "b1", stage) == "off-site" }
                let made = try await stage.opshub("backup", "create", "-e", "production")
                #expect(
                    made.isSuccess && made.output.contains("verified  spaces"),
                    "\(made.output)\(made.errors)",
                )
                let proven = try await stage.opshub("backup", "verify", "b2", "--offsite")
                #expect(proven.output.contains("spaces, verified"), "\(proven.output)\(proven.errors)")
                let there = try await stage.opshub("store", "show", "spaces", "-e", "production")
                #expect(
                    there.output.contains("b1") && there.output.contains("b2"),
                    "\(there.output)\(there.errors)",
                )

                try await failing(store, stage)
                try await fetched(store, stage)
                let used = try await stage.opshub("store", "remove", "spaces")
                #expect(!used.isSuccess && used.errors.contains("app/production"), "\(used.errors)")
                for text in [
                    try stage.serveLog(),
                    try await stage.opshub("backup", "list", "-e", "production", "--json").output,
                ] {
                    #expect(!text.contains(StoreServer.secretKey))
                }
            }
        }
    }

    @Test(
        "bring the data back on another machine, with the recovery key and the store",
        .timeLimit(.minutes(10)),
    )
    func disaster() async throws {
        let manifest = Stage.Manifest(window: "1s", hasDatabase: true, backup: ", offsite: spaces")
        let files = ["migrations/0001_shipments.sql": Self.create]
        try await Stage.with(manifest) { lost in
            try await StoreServer.with(in: lost.root) { store in
                let pushed = try await lost.push(files)
                try #require(pushed.isSuccess, "\(pushed.errors)")
                try await add(store, lost)
                try await lost.sql("INSERT INTO shipments VALUES (3)")
                let made = try await lost.opshub("backup", "create", "-e", "production")
                try #require(made.isSuccess, "\(made.errors)")
                let key = try await lost.opshub("backup", "export-key").output
                try await lost.stopControlPlane()

                try await Stage.with(manifest) { found in
                    try await found.stopControlPlane()
                    try DurableFile.write(key, to: "\(found.home)/keys/recovery.key", mode: 0o600)
                    try DurableFile.write("new", to: "\(found.home)/keys/recovery.id", mode: 0o600)
                    try await found.serve()
                    try await add(store, found)
                    let fetch = ["backup", "fetch", "b2", "--store", "spaces", "-e", "production"]
                    let fetched = try await found.opshub(fetch)
                    #expect(
                        fetched.isSuccess && fetched.output.contains("fetched from spaces"),
                        "\(fetched.errors)",
                    )
                    #expect(fetched.errors.contains("opshub backup verify b2"), "\(fetched.errors)")
                    let again = try await found.push(files)
                    try #require(again.isSuccess, "\(again.errors)")
                    #expect(try await found.rows() == "2")
                    let restored = try await found.opshub(
                        ["backup", "restore", "b2", "-e", "production", "--confirm", "production"]
                    )
                    #expect(restored.isSuccess, "\(restored.output)\(restored.errors)")
                    #expect(try await found.rows() == "3")
                    let proven = try await found.opshub("backup", "verify", "b2")
                    #expect(proven.isSuccess && proven.output.contains("verified"), "\(proven.errors)")
                }
            }
        }
    }

    private func add(_ store: StoreServer, _ stage: Stage) async throws {
        let arguments = [
            "store", "add", "spaces", "--endpoint", store.endpoint, "--bucket", StoreServer.bucket,
            "--access-key",
            StoreServer.accessKey, "--secret-stdin",
        ]
        let wrong = try await stage.opshub(
            arguments.map { $0 == StoreServer.bucket ? "not-there" : $0 },
            input: StoreServer.secretKey,
        )
        #expect(wrong.errors.contains("has no bucket not-there"), "\(wrong.errors)")
        let added = try await stage.opshub(arguments, input: StoreServer.secretKey)
        #expect(
            added.isSuccess && added.output.contains("what was written came back"),
            "\(added.output)\(added.errors)",
        )
        let listed = try await stage.opshub("store", "list")
        #expect(listed.output.contains("spaces") && !listed.output.contains(StoreServer.secretKey))
    }

    /// A store that loses what it took, and one that lets nobody in.
    private func failing(_ store: StoreServer, _ stage: Stage) async throws {
        for (fault, words) in [
            (StoreServer.Fault.flip, "gave other bytes back"), (.deny, "does not let OpsHub in"),
        ] {
            try store.fail(fault)
            let failed = try await stage.opshub("backup", "create", "-e", "production")
            #expect(!failed.isSuccess && failed.errors.contains(words), "\(failed.output)\(failed.errors)")
            let status = try await stage.opshub("status")
            #expect(status.output.contains("not off-site: store spaces \(words)"), "\(status.output)")
            #expect(!failed.errors.contains(StoreServer.secretKey))
        }
        let listed = try await stage.opshub("backup", "list", "-e", "production")
        #expect(listed.output.contains("verified  NOT in spaces"), "\(listed.output)")
        try store.fail(.none)
        #expect(try await copy(of: "b3", stage) == "not off-site")
        let there = try await stage.json(
            StoreContentsView.self,
            "store",
            "show",
            "spaces",
            "-e",
            "production",
        )
        #expect(there.backups.map(\.id) == ["b2", "b1"] && there.oddities.allSatisfy { $0.contains("b3-") })
    }

    /// The files are lost with the disk; the copy brings them back, and they restore.
    private func fetched(_ store: StoreServer, _ stage: Stage) async throws {
        try Folder.remove("\(stage.home)/projects/app/production/backups/b2")
        let gone = try await stage.opshub("backup", "verify", "b2")
        #expect(gone.ending == .exited(1) && gone.errors.contains("is gone"), "\(gone.errors)")
        let back = try await stage.opshub("backup", "fetch", "b2", "--store", "spaces", "-e", "production")
        #expect(back.isSuccess, "\(back.errors)")
        let verified = try await stage.opshub("backup", "verify", "b2")
        #expect(
            verified.isSuccess && verified.output.contains("verified"),
            "\(verified.output)\(verified.errors)",
        )
        let again = try await stage.opshub("backup", "fetch", "b2", "--store", "spaces", "-e", "production")
        #expect(again.errors.contains("is here already"), "\(again.errors)")
    }

    private func copy(of id: String, _ stage: Stage) async throws -> String? {
        try await stage.json([BackupView].self, "backup", "list", "-e", "production").first { $0.id == id }?
            .offsite?
            .state
    }
}
