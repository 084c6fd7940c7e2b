// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Foundation
import Manifest
import Testing

@Suite("What is backed up")
struct DatabaseTargetTests {
    private let key = EnvironmentKey(ProjectName("shop"), EnvironmentName("live"))

    @Test("is a database as earlier versions wrote it down, or a folder, which says so")
    func coding() throws {
        let database = DatabaseTarget(key, AccessoryName("db"), "shop")
        let text = String(decoding: try JSONEncoder().encode(database), as: UTF8.self)
        #expect(!text.contains("kind"))
        #expect(try JSONDecoder().decode(DatabaseTarget.self, from: Data(text.utf8)) == database)
        let manifest = AccessoryManifest(
            name: AccessoryName("uploads"),
            kind: .folder(variable: "UPLOADS"),
            database: "",
        )
        let folder = try #require(DatabaseTarget(key, manifest))
        let again = try JSONDecoder().decode(DatabaseTarget.self, from: try JSONEncoder().encode(folder))
        #expect(again == folder)
        #expect(again.kind == .folder)
    }

    @Test("has a name for people, and words for how much of it came back")
    func words() {
        let database = DatabaseTarget(key, AccessoryName("db"), "shop")
        let folder = DatabaseTarget(key, AccessoryName("uploads"), "files", kind: .folder)
        #expect("\(database)" == "shop/live/db/shop")
        #expect("\(folder)" == "shop/live/uploads")
        #expect(database.isTheSame(tables: 1, rows: 2) == "1 table and 2 rows are the same")
        #expect(folder.isTheSame(tables: 3, rows: 1) == "1 file is the same")
        #expect(folder.isTheSame(tables: 3, rows: 7) == "7 files are the same")
    }
}
