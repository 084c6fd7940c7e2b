// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core
import HummingbirdTesting
import TestSupport
import Testing

/// The command line's client against a control plane that listens.
@Suite("A client of a control plane", .timeLimit(.minutes(10)))
struct LiveClientTests {
    @Test("gives orders and reads what became of them")
    func orders() async throws {
        try await Self.run { client, desk in
            let started: DeploymentView = try await client.post(
                "projects/tracehub/environments/production/deployments",
                DeployOrder(ref: "c1"),
            )
            #expect(started.requestedBy == "Ada")
            _ = try await desk.verdict(of: started.id)
            let ended: DeploymentView = try await client.get("deployments/\(started.id)")
            #expect(ended.state == "succeeded")
            let list: [DeploymentView] = try await client.get("deployments", ["limit": "1", "project": nil])
            #expect(list == [ended])
        }
    }

    @Test(
        "asks for exactly what it was told, whatever characters that has",
        arguments: ["feature/x", "a b", "100%", "x&limit=1", "a+b=c#d?e", "grün/漢🚀", "..", "\"'\\"],
    )
    func escaping(reference: String) async throws {
        try await Self.run { client, _ in
            let path = "projects/tracehub/environments/production/plan"
            let plan: PlanView = try await client.get(path, ["ref": reference])
            #expect(plan.commit == reference)
        }
    }

    @Test("follows a journal line by line while the deployment runs")
    func follow() async throws {
        try await Self.run { client, desk in
            desk.world.change { $0.hangs = ["run build"] }
            let id = try await desk.order("c1").id
            var lines: [JournalLine] = []
            try await client.events("deployments/\(id)/journal", [:], of: JournalLine.self) { line in
                lines.append(line)
                // Only who sees the line while the build hangs can end the deployment, and the events with it.
                guard line.kind == .started, line.step == "build" else { return }
                let _: DeploymentView = try await client.post(
                    "deployments/\(id)/cancellation",
                    ApprovalOrder(),
                )
            }
            #expect(lines.map(\.sequence) == Array(1...lines.count))
            #expect(lines.last?.outcome == "cancelled")
        }
    }

    @Test("may stop following, and go on with other things")
    func stopFollowing() async throws {
        struct Enough: Error {}
        try await Self.run { client, desk in
            desk.world.change { $0.hangs = ["run build"] }
            let id = try await desk.order("c1").id
            await #expect(throws: Enough.self) {
                try await client.events("deployments/\(id)/journal", [:], of: JournalLine.self) { _ in
                    throw Enough()
                }
            }
            let view: DeploymentView = try await client.get("deployments/\(id)")
            #expect(view.id == id)
        }
    }

    @Test("throws the failure that the control plane had, with everything that it said")
    func failures() async throws {
        try await Self.run { client, _ in
            await #expect(
                throws: Failure(
                    .backupFailed,
                    "b1 does not restore",
                    hint: "take another",
                    evidence: ["41 rows"],
                )
            ) {
                let _: BackupView = try await client.post("backups/b1/verification", DeployOrder())
            }
            let unknown = try await #require(throws: Failure.self) {
                try await client.events("deployments/d9/journal", [:], of: JournalLine.self) { _ in }
            }
            #expect(unknown.code == .notFound)
            #expect(unknown.message == "there is no deployment d9")
        }
    }

    @Test("is told when its token is not the right one")
    func token() async throws {
        try await Self.run(token: "another") { client, _ in
            let failure = try await #require(throws: Failure.self) {
                let _: [EnvironmentView] = try await client.get("status")
            }
            #expect(failure.code == .unauthorized)
            #expect(failure.code.kind.exitCode == 5)
        }
    }

    @Test("says so when nobody answers")
    func unreachable() async throws {
        // Port 1 needs root to listen on, and nobody does.
        let client = ControlPlaneClient(url: "http://127.0.0.1:1", token: Secret("x"), person: "Ada")
        let failure = try await #require(throws: Failure.self) {
            let _: [EnvironmentView] = try await client.get("status")
        }
        await client.shutdown()
        #expect(failure.code == .unreachable)
        #expect(failure.message == "the control plane at http://127.0.0.1:1 does not answer")
        #expect(failure.hint?.contains("opshub serve") == true)
    }

    private static func run(
        token: String = Desk.token,
        _ body: @Sendable @escaping (ControlPlaneClient, Desk) async throws -> Void,
    ) async throws {
        try await Desk.run(.live) { desk in
            let port = try #require(desk.client.port)
            let client = ControlPlaneClient(
                url: "http://127.0.0.1:\(port)",
                token: Secret(token),
                person: "Ada",
            )
            do {
                try await body(client, desk)
            } catch {
                await client.shutdown()
                throw error
            }
            await client.shutdown()
        }
    }
}
