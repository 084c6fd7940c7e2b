// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import HostSystem
import Testing

/// The real clock, and nobody who asks for anything.
@Suite("A schedule", .tags(.slow, .postgres))
struct BackupScheduleTests {
    @Test("has a database copied and proven by itself", .timeLimit(.minutes(10)))
    func everyMinute() async throws {
        // Of this name the seconds are few that keep databases from beginning all at once.
        let manifest = Stage.Manifest(
            hasDatabase: true,
            databaseName: "live",
            backup: #", schedule: "* * * * *""#,
        )
        try await Stage.with(manifest) { stage in
            let pushed = try await stage.push(["migrations/0001_kept.sql": "CREATE TABLE kept (n int);\n"])
            try #require(pushed.isSuccess, "\(pushed.errors)")
            var made: BackupView?
            try await stage.waitUntil("a backup on schedule is verified") {
                let all = try await stage.json([BackupView].self, "backup", "list", "-e", "production")
                made = all.last { $0.reason == "on schedule" }
                #expect(made?.state != "failed", "\(all)")
                return made?.state == "verified"
            }
            #expect(made?.proof?.contains("2 tables") == true, "\(String(describing: made))")
        }
    }
}
