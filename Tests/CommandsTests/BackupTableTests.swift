// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Testing

@testable import Commands

@Suite("A list of backups")
struct BackupTableTests {
    private func backup(_ id: String, _ offsite: BackupView.Offsite? = nil) -> BackupView {
        BackupView(
            id: id,
            state: "verified",
            database: "app/production/db/app",
            reason: "on schedule",
            startedAt: Date(timeIntervalSince1970: 1_800_000_000),
            size: 4096,
            sha256: "a0",
            proof: "1 table",
            offsite: offsite,
        )
    }

    private func copy(_ state: String, _ problem: String? = nil) -> BackupView.Offsite {
        BackupView.Offsite(store: "spaces", state: state, copiedAt: nil, provenAt: nil, problem: problem)
    }

    @Test("has no word of copies where there are none")
    func alone() {
        #expect(
            BackupCommand.table([backup("b1")]) == """
                BACKUP  STATE     DATABASE               TAKEN                 SIZE     REASON       PROOF
                b1      verified  app/production/db/app  2027-01-15T08:00:00Z  4.0 KiB  on schedule  1 table
                """
        )
    }

    @Test("says of each where its copy is, and loudly when it is nowhere")
    func copies() {
        let table = BackupCommand.table([
            backup("b4"), backup("b3", copy("not off-site", "it does not answer")),
            backup("b2", copy("off-site")),
            backup("b1", copy("off-site verified")),
        ])
        let cells = table.split(separator: "\n").map { $0.dropFirst(18).prefix(18) }
        #expect(
            cells == [
                "OFF-SITE          ", "-                 ", "NOT in spaces     ", "spaces            ",
                "spaces, verified  ",
            ]
        )
    }
}
