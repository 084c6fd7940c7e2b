// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

/// Deployments over HTTP, with the real engine behind it.
@Suite("The API of deployments")
struct DeploymentRouteTests {
    @Test("takes an order, and shows it to its verdict")
    func deploy() async throws {
        try await Desk.run { desk in
            let answer = try await desk.post("\(Desk.path)/deployments", "{\"ref\":\"c1\"}", as: "Ada")
            let started = try answer.value(DeploymentView.self, status: .created)
            #expect(started.id == "d1")
            #expect(started.project == "tracehub")
            #expect(started.environment == "production")
            #expect(started.kind == "release")
            #expect(started.release == "r1")
            #expect(started.commit == "c1")
            #expect(started.subject == "change c1")
            #expect(started.requestedBy == "Ada")
            let ended = try await desk.verdict(of: "d1")
            #expect(ended.state == "succeeded")
            #expect(ended.failure == nil)
            #expect(ended.endedAt != nil)
            #expect(ended.plan?.digest.hasPrefix("digest-") == true)
            #expect(ended.plan?.steps.contains("switch") == true)
            #expect(ended.traffic?["blue"]?.failed == 0)
        }
    }

    @Test("reports one with its journal, what visitors met before and since, and the end of its logs")
    func report() async throws {
        try await Desk.run { desk in
            for commit in ["c1", "c2"] { _ = try await desk.deploy(commit) }
            desk.world.change { $0.log = ["listening"] }
            let first = try await desk.get("/api/v1/deployments/d1/report").value(DeploymentReport.self)
            #expect(first.before == nil)
            #expect(first.after?.from == first.deployment.endedAt)
            let second = try await desk.get("/api/v1/deployments/d2/report").value(DeploymentReport.self)
            #expect(second.before == first.after)
            #expect(second.deployment.release == "r2")
            #expect(second.journal.first?.kind == .requested)
            #expect(second.journal.last?.outcome == "succeeded")
            #expect(second.after?.from == second.deployment.endedAt)
            // The edge of this world counts whenever it is asked.
            #expect(second.after.map { $0.traffic.served > 0 && $0.traffic.failed == 0 } == true)
            #expect(second.after?.isPartial == false)
            #expect(second.logs.map(\.text) == ["listening"])
        }
    }

    @Test("takes an order without a body for the environment's own branch")
    func ownBranch() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            desk.world.change { $0.heads = ["main": CommitID("head"), "other": CommitID("c9")] }
            let started = try await desk.post("\(Desk.path)/deployments")
                .value(DeploymentView.self, status: .created)
            #expect(started.commit == "head")
            #expect(try await desk.verdict(of: started.id).state == "succeeded")
        }
    }

    @Test("shows why one failed, where, and what was undone")
    func failed() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            desk.world.change { $0.arrivals = .init(served: 50, failed: 25) }
            let ended = try await desk.deploy("c2")
            #expect(ended.state == "failed")
            #expect(ended.step == "stability gate")
            #expect(ended.failure?.code == .gateFailed)
            #expect(
                ended.undone == ["return traffic", "drain the incoming release", "stop the incoming release"]
            )
        }
    }

    @Test("lists the latest first, as many as are asked for")
    func list() async throws {
        try await Desk.run { desk in
            for number in 1...3 { _ = try await desk.deploy("c\(number)") }
            for (query, expected) in [
                ("", ["d3", "d2", "d1"]), ("?limit=2", ["d3", "d2"]), ("?limit=0", ["d3"]),
                ("?limit=-7", ["d3"]),
                ("?limit=many", ["d3", "d2", "d1"]), ("?project=other", []),
                ("?project=tracehub&limit=1", ["d3"]),
                ("?project=tracehub&environment=production", ["d3", "d2", "d1"]),
                ("?project=tracehub&environment=staging", []), ("?environment=staging", []),
                ("?environment=production&limit=1", ["d3"]),
            ] {
                let views = try await desk.get("/api/v1/deployments\(query)").value([DeploymentView].self)
                #expect(views.map(\.id) == expected, "\(query)")
            }
        }
    }

    @Test("lists a project's latest, however many others were deployed since")
    func listOfProject() async throws {
        try await Desk.run { desk in
            for number in 1...300 {
                let key =
                    number == 1 ? EnvironmentKey(ProjectName("quiet"), EnvironmentName("main")) : Desk.key
                var deployment = Deployment(
                    id: DeploymentID("d\(number)"),
                    environment: key,
                    kind: .release,
                    release: ReleaseID("r\(number)"),
                    requester: Requester(name: "Ada", channel: .push),
                    requestedAt: Date(timeIntervalSince1970: Double(number)),
                )
                deployment.concludedAt = deployment.requestedAt
                let change = DeliveryChange(
                    deployment: deployment,
                    environment: EnvironmentRecord(key: key),
                    at: deployment.requestedAt,
                )
                try await desk.store.write(change)
            }
            let quiet = try await desk.get("/api/v1/deployments?project=quiet").value([DeploymentView].self)
            #expect(quiet.map(\.id) == ["d1"])
            let loud = try await desk.get("/api/v1/deployments?project=tracehub&limit=2")
                .value([DeploymentView].self)
            #expect(loud.map(\.id) == ["d300", "d299"])
        }
    }

    @Test("waits for a yes, to the plan that was seen and no other (Invariant 9)")
    func approval() async throws {
        try await Desk.run(approval: true) { desk in
            let id = try await desk.order("c1").id
            let waiting = try await desk.until(id) { $0.state == "awaiting-approval" }
            #expect(waiting.step == "approval")
            let digest = try #require(waiting.plan?.digest)
            let refused = try await desk.post("/api/v1/deployments/\(id)/approval", "{\"digest\":\"other\"}")
            try refused.problem(.conflict, "conflict")
            let order = "{\"digest\":\"\(digest.prefix(12))\",\"comment\":\"fine\"}"
            let approved = try await desk.post("/api/v1/deployments/\(id)/approval", order, as: "Grace")
                .value(DeploymentView.self)
            #expect(approved.id == id)
            #expect(try await desk.verdict(of: id).state == "succeeded")
            let lines = try await desk.get("/api/v1/deployments/\(id)/journal").value([JournalLine].self)
            #expect(lines.contains { $0.kind == .approved && $0.text == "approved by Grace: fine" })
        }
    }

    @Test("takes a no, with its reason")
    func rejection() async throws {
        try await Desk.run(approval: true) { desk in
            let id = try await desk.order("c1").id
            _ = try await desk.until(id) { $0.state == "awaiting-approval" }
            let order = "{\"comment\":\"not on a Friday\"}"
            _ = try await desk.post("/api/v1/deployments/\(id)/rejection", order, as: "Grace")
                .value(DeploymentView.self)
            let ended = try await desk.verdict(of: id)
            #expect(ended.state == "rejected")
            #expect(ended.failure?.message == "Grace rejected d1: not on a Friday")
        }
    }

    @Test("stops one that has not switched")
    func cancellation() async throws {
        try await Desk.run { desk in
            desk.world.change { $0.hangs = ["run build"] }
            let id = try await desk.order("c1").id
            _ = try await desk.until(id) { $0.step == "build" }
            _ = try await desk.post("/api/v1/deployments/\(id)/cancellation", as: "Ada")
                .value(DeploymentView.self)
            let ended = try await desk.verdict(of: id)
            #expect(ended.state == "cancelled")
            #expect(ended.failure?.message == "Ada cancelled d1")
        }
    }

    @Test("rolls back to the release before, to a named one, and not to what serves")
    func rollback() async throws {
        try await Desk.run { desk in
            try await desk.post("\(Desk.path)/rollbacks").problem(.conflict, "conflict")
            for number in 1...2 { _ = try await desk.deploy("c\(number)") }
            let back = try await desk.post("\(Desk.path)/rollbacks")
                .value(DeploymentView.self, status: .created)
            #expect(back.kind == "rollback")
            #expect(back.release == "r1")
            #expect(try await desk.verdict(of: back.id).state == "succeeded")
            try await desk.post("\(Desk.path)/rollbacks", "{\"release\":\"r1\"}")
                .problem(.conflict, "conflict")
            try await desk.post("\(Desk.path)/rollbacks", "{\"release\":\"r9\"}")
                .problem(.notFound, "not-found")
            let forth = try await desk.post("\(Desk.path)/rollbacks", "{\"release\":\"r2\"}")
                .value(DeploymentView.self, status: .created)
            #expect(try await desk.verdict(of: forth.id).state == "succeeded")
        }
    }
}
