// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Manifest
import TestSupport
import Testing

@testable import FolderTools

@Suite("The files of the release that serves")
struct ReleaseFolderCodeTests {
    @Test("are named that have a word as a whole; migrations, packages and programs are not looked at")
    func naming() async throws {
        let root = "/tmp/opshub-code-\(UInt64.random(in: 0 ... .max))"
        defer { try? Folder.remove(root) }
        let layout = HomeLayout(root: root)
        let key = EnvironmentKey(ProjectName("app"), EnvironmentName("production"))
        let folder = layout.release("r1", of: key)
        for (path, text) in [
            "api/models.py": "NOTES = Column(Text)\n", "api/other.py": "footnotes = 1\n",
            "web/it's odd.ts": "row.notes\n", "api/migrations/0001.sql": "notes text\n",
            "node_modules/x/index.js": "notes\n", "api/.venv/lib/y.py": "notes\n",
            "web/all.min.js": "notes\n",
            "api/blob.bin": "\0notes\n", "web/migrations/page.ts": "notes\n", "api/versions/1.py": "notes\n",
        ] {
            let place = "\(folder)/\(path)"
            try Folder.make(place.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" })
            try DurableFile.write(text, to: place)
        }
        var job = MigrationJob(
            database: DatabaseTarget(key, AccessoryName("db"), "app"),
            // As a plan sees it, before the release is built.
            service: "\(root)/previews/0F3A/api",
            at: "api",
            folder: "migrations",
            variables: [:],
            timeout: .seconds(60),
            serving: "r1",
        )
        let code = ReleaseFolderCode(layout: layout)
        let found = try await code.files(naming: ["notes", "-e", "no.es"], of: job)
        #expect(
            found == [
                "notes": ["api/models.py", "api/versions/1.py", "web/it's odd.ts", "web/migrations/page.ts"],
                "-e": [], "no.es": [],
            ]
        )
        // Alembic's, whose folder is that of the service.
        job.folder = "."
        let alembic = try await code.files(naming: ["notes"], of: job)?["notes"]
        #expect(alembic?.contains("api/versions/1.py") == false && alembic?.contains("api/models.py") == true)
        job.serving = "r0"
        #expect(try await code.files(naming: ["notes"], of: job) == nil)
        job.serving = nil
        #expect(try await code.files(naming: ["notes"], of: job) == nil)
    }
}
