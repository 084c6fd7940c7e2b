// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

/// Projects and the remotes that they follow, over HTTP.
@Suite("The API of projects")
struct ProjectRouteTests {
    @Test("makes a project follow a remote, shows it, looks when told to, and lets go of it")
    func whole() async throws {
        try await Desk.run { desk in
            desk.world.change { $0.remoteHeads = ["main": CommitID("c1")] }
            let added = try await desk.post("/api/v1/projects", Self.order)
                .value(ProjectView.self, status: .created)
            #expect(added.remote == "https://git.example/app.git")
            #expect(added.branches == [.init(branch: "main", commit: "c1", environments: ["production"])])
            #expect(added.answeredAt != nil)
            #expect(added.problems == [])
            #expect(try await desk.get("/api/v1/projects").value([ProjectView].self) == [added])
            _ = try await desk.verdict(of: "d1")

            let push = try await desk.post(
                "/api/v1/projects/tracehub/pushes",
                #"{"branch":"main","new":"c2"}"#,
            )
            let refusal = try push.problem(.conflict, "conflict")
            #expect(refusal.title.contains("follows https://git.example/app.git"), "\(refusal)")

            desk.world.change { facts in
                facts.rewritten = [CommitID("c1")]
                facts.remoteHeads?["main"] = CommitID("c9")
            }
            let held = try await desk.post("/api/v1/projects/tracehub/sync").value(ProjectView.self)
            #expect(held.problems.first?.contains("main was rewritten to c9, without c1") == true)
            let status = try await desk.get("/api/v1/status").value([EnvironmentView].self)
            #expect(status.first?.problems == held.problems)
            let taken = try await desk.post("/api/v1/projects/tracehub/sync", #"{"accept":"main"}"#)
                .value(ProjectView.self)
            #expect(taken.problems == [])
            #expect(taken.branches.first?.commit == "c9")

            let free = try await desk.ask(.delete, "/api/v1/projects/tracehub/remote").value(ProjectView.self)
            #expect(free.remote == nil)
        }
    }

    @Test("refuses what can't be followed, and says so")
    func refused() async throws {
        try await Desk.run { desk in
            let name = #"{"name":"No Name","url":"/srv/a.git"}"#
            try await desk.post("/api/v1/projects", name).problem(.badRequest, "invalid")
            try await desk.post("/api/v1/projects", "{").problem(.badRequest, "invalid")
            try await desk.post("/api/v1/projects").problem(.badRequest, "invalid")
            let pace = #"{"name":"tracehub","url":"/srv/a.git","interval":-1}"#
            try await desk.post("/api/v1/projects", pace).problem(.badRequest, "invalid")
            try await desk.post("/api/v1/projects/other/sync").problem(.notFound, "not-found")
            try await desk.ask(.delete, "/api/v1/projects/tracehub/remote").problem(.conflict, "conflict")
            try await desk.get("/api/v1/projects/tracehub/key").problem(.notFound, "not-found")
            desk.world.change { facts in
                facts.failures["fetch"] = [Failure(.unauthorized, "it does not let OpsHub in")]
            }
            try await desk.post("/api/v1/projects", Self.order).problem(.unauthorized, "unauthorized")
        }
    }

    @Test("tells which branch can't be deployed, and why")
    func broken() async throws {
        try await Desk.run { desk in
            desk.world.change { facts in
                facts.remoteHeads = ["main": CommitID("c1")]
                facts.readFailures = Array(
                    repeating: Failure(.invalidManifest, "opshub.yml has 2 mistakes"),
                    count: 99,
                )
            }
            _ = try await desk.post("/api/v1/projects", Self.order)
            var problems: [String] = []
            for _ in 0..<500 where problems.isEmpty {
                try await ContinuousClock().sleep(for: .milliseconds(10))
                problems = try await desk.get("/api/v1/projects").value([ProjectView].self)[0].problems
            }
            #expect(problems == ["the newest commit of main can't be deployed: opshub.yml has 2 mistakes"])
        }
    }

    private static let order = #"{"name":"tracehub","url":"https://git.example/app.git"}"#
}
