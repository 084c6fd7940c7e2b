// SPDX-License-Identifier: Apache-2.0
import API
import Core
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

/// What callers are told when a call can't be answered.
@Suite("A call that can't be answered")
struct ProblemTests {
    @Test(
        "because there is nothing is a problem with 404",
        arguments: [
            "/", "/nothing", "/api/v1", "/api/v1/nothing", "/api/v2/status", "/healthz/x", "/git",
            "/%2e%2e/etc",
        ],
    )
    func noRoute(path: String) async throws {
        try await Desk.run { desk in
            let problem = try await desk.get(path).problem(.notFound, "not-found")
            #expect(problem.title.contains("GET"))
            try await desk.ask(.get, path, authorization: nil).problem(.notFound, "not-found")
        }
    }

    @Test(
        "because what it names does not exist is a problem with 404",
        arguments: [
            "/api/v1/deployments/d99", "/api/v1/deployments/d99/journal",
            "/api/v1/deployments/d99/journal?follow=true", "/api/v1/deployments/..%2Fx",
            "/api/v1/projects/other/environments/production/plan", "\(Desk.path)/releases",
            "\(Desk.path)/logs",
            "/git/other.git/info/refs?service=git-upload-pack",
        ],
    )
    func notFound(path: String) async throws {
        try await Desk.run { desk in
            let problem = try await desk.get(path).problem(.notFound, "not-found")
            #expect(problem.hint != nil)
        }
    }

    @Test(
        "because an order is about what does not exist is a problem with 404",
        arguments: [
            "/api/v1/deployments/d99/approval", "/api/v1/deployments/d99/rejection",
            "/api/v1/deployments/d99/cancellation",
            "/api/v1/projects/other/environments/production/deployments",
            "\(Desk.path)/backups", "/api/v1/backups/b99/verification",
        ],
    )
    func orderNotFound(path: String) async throws {
        try await Desk.run { desk in try await desk.post(path).problem(.notFound, "not-found") }
    }

    @Test(
        "because a name can't be one is a problem with 400",
        arguments: [
            "/api/v1/projects/Tracehub/environments/production/plan",
            "/api/v1/projects/tracehub/environments/prod_uction/plan",
            "/api/v1/projects/tracehub/environments/-/releases",
            "/api/v1/projects/\(String(repeating: "x", count: 41))/environments/production/plan",
            "/git/..%2Fetc.git/info/refs?service=git-upload-pack",
            "/git/Tracehub.git/info/refs?service=git-receive-pack", "/git/tracehub.git/info/refs",
            "/git/tracehub.git/info/refs?service=git-upload-archive",
        ],
    )
    func invalid(path: String) async throws {
        try await Desk.run { desk in
            let problem = try await desk.get(path).problem(.badRequest, "invalid")
            #expect(problem.hint != nil)
        }
    }

    @Test(
        "because its order is not what it takes is a problem with 400, and nothing happens",
        arguments: [
            "{", "nonsense", "[]", "\"main\"", "12", "{\"ref\":7}", "{\"ref\":[\"main\"]}", "\u{0}",
            "{\"ref\":\"x\"",
        ],
    )
    func order(body: String) async throws {
        try await Desk.run { desk in
            let problem = try await desk.post("\(Desk.path)/deployments", body)
                .problem(.badRequest, "invalid")
            #expect(problem.title == "the body is not what this call takes")
            #expect(problem.detail != nil)
            #expect(try await desk.store.deployments(of: nil, limit: 9).isEmpty)
        }
    }

    @Test("because its order has no end is a problem with 413, and nothing happens")
    func tooLarge() async throws {
        try await Desk.run { desk in
            let body = "{\"ref\":\"" + String(repeating: "x", count: 1 << 20) + "\"}"
            try await desk.post("\(Desk.path)/deployments", body).problem(.contentTooLarge, "invalid")
            #expect(try await desk.store.deployments(of: nil, limit: 9).isEmpty)
        }
    }

    @Test(
        "because of how things are is a problem with 409",
        arguments: ["approval", "rejection", "cancellation"],
    )
    func conflict(order: String) async throws {
        try await Desk.run { desk in
            let id = try await desk.deploy("c1").id
            try await desk.post("/api/v1/deployments/\(id)/\(order)").problem(.conflict, "conflict")
        }
    }

    @Test("because its work was done and is no good is a problem with 422 and what was seen")
    func refuted() async throws {
        try await Desk.run { desk in
            let answer = try await desk.post("/api/v1/backups/b1/verification")
            let problem = try answer.problem(.unprocessableContent, "backup-failed")
            #expect(
                problem.failure
                    == Failure(
                        .backupFailed,
                        "b1 does not restore",
                        hint: "take another",
                        evidence: ["41 rows"],
                    )
            )
        }
    }

    @Test(
        "does not say more of HEAD, PUT or DELETE than that there is nothing",
        arguments: [HTTPRequest.Method.put, .delete, .patch],
    )
    func methods(method: HTTPRequest.Method) async throws {
        try await Desk.run { desk in
            let answer = try await desk.ask(method, "/api/v1/deployments/d1")
            try answer.problem(.notFound, "not-found")
        }
    }
}
