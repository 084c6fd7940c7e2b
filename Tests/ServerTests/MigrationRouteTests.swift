// SPDX-License-Identifier: Apache-2.0
import NIOCore
import HTTPTypes
import API
import Core
import Delivery
import HummingbirdTesting
import TestSupport
import Testing

@Suite("The API of migrations that go back")
struct MigrationRouteTests {
    private static let changes = "\(Desk.path)/migrations/changes"
    private static let added = PendingMigration(revision: "0007", title: "drop notes")

    private func migrated(_ desk: Desk) async throws {
        _ = try await desk.deploy("c1")
        desk.world.change { facts in
            facts.wayBack = [Self.added]
            facts.actions = []
        }
    }

    @Test("shows what would be taken back, and takes it back once the environment is named")
    func down() async throws {
        try await Desk.run(migrates: true) { desk in
            try await migrated(desk)
            let view = try await desk.get("\(Desk.path)/migrations/way-back?to=0006").value(WayBackView.self)
            #expect(
                view
                    == WayBackView(
                        migrations: [.init(revision: "0007", title: "drop notes")],
                        objections: [],
                    )
            )
            let order = #"{"direction":"down","to":["0006"],"confirm":"production"}"#
            let started = try await desk.post(Self.changes, order, as: "Ada")
                .value(DeploymentView.self, status: .accepted)
            #expect((started.kind, started.release) == ("schema", "r1"))
            #expect(try await desk.verdict(of: started.id).state == "succeeded")
            let history = try await desk.get("\(Desk.path)/migrations/history")
                .value([MigrationHistoryView].self)
            #expect(history.map(\.revision) == ["0007"] && history.first?.isBack == true)
        }
    }

    @Test(
        "refuses what is not said clearly, and changes nothing",
        arguments: [
            (#"{"direction":"down","to":["0006"]}"#, "'confirm' does not say 'production'"),
            (
                #"{"direction":"down","to":["0006"],"confirm":"staging"}"#,
                "'confirm' does not say 'production'",
            ),
            (#"{"direction":"down","confirm":"production"}"#, "no revision is named that stays"),
            (#"{"direction":"down","to":[],"confirm":"production"}"#, "no revision is named that stays"),
            (#"{"direction":"sideways","confirm":"production"}"#, "'sideways' is neither up nor down"),
            (
                #"{"direction":"up","confirm":"production"}"#,
                "nothing is pending for the release that serves",
            ),
        ],
    )
    func refused(_ order: String, _ words: String) async throws {
        try await Desk.run(migrates: true) { desk in
            try await migrated(desk)
            let answer = try await desk.post(Self.changes, order, as: "Ada")
            #expect(answer.status.code == 400 || answer.status.code == 409, "\(answer.status)")
            #expect(String(buffer: answer.body).contains(words), "\(String(buffer: answer.body))")
            #expect(!desk.world.now.actions.contains { $0.hasPrefix("revert") || $0.hasPrefix("back up") })
            let silent = try await desk.get("\(Desk.path)/migrations/way-back")
            #expect(silent.status.code == 400)
        }
    }

    @Test("shows where the schema is for a release, and no history of one that nothing has changed")
    func status() async throws {
        try await Desk.run(migrates: true) { desk in
            try await desk.get("\(Desk.path)/migrations").problem(.notFound, "not-found")
            _ = try await desk.deploy("c1")
            for query in ["", "?release=r1"] {
                let view = try await desk.get("\(Desk.path)/migrations\(query)")
                    .value(MigrationStatusView.self)
                #expect(view.release == "r1" && view.current == ["0001"] && view.unknown.isEmpty)
                #expect(view.pending == [.init(revision: "0002", title: "more")])
            }
            try await desk.get("\(Desk.path)/migrations?release=r9").problem(.notFound, "not-found")
            let history = try await desk.get("\(Desk.path)/migrations/history")
                .value([MigrationHistoryView].self)
            #expect(history.isEmpty)
        }
    }

    @Test("verifies a release's migrations, with rows only when somebody says so")
    func verification() async throws {
        try await Desk.run(migrates: true) { desk in
            _ = try await desk.deploy("c1")
            let path = "\(Desk.path)/migrations/verification"
            let plain = try await desk.post(path).value(VerificationView.self)
            #expect(plain.isGood && plain.release == "r1" && plain.rows == nil)
            let filled = try await desk.post("\(path)?rows=true").value(VerificationView.self)
            #expect(filled.rows == ["with 3 rows of b7"])
        }
    }
}
