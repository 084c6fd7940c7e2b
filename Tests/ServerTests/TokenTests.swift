// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

/// Who is let in.
@Suite("The token")
struct TokenTests {
    @Test("is needed for every route but the two of health")
    func missing() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let before = desk.world.now.actions
            let names = [
                "{project}": "tracehub", "{environment}": "production", "{repository}": "tracehub.git",
                "{store}": "spaces",
            ]
            let guarded = desk.routes.filter { !["/health", "/healthz"].contains($0.path) }
            #expect(guarded.count > 40, "\(guarded.count)")
            for route in guarded {
                let path = route.path.split(separator: "/")
                    .map {
                        $0.hasPrefix("{")
                            ? names[String($0)]
                                ?? ($0 == "{id}" && route.path.contains("backups") ? "b1" : "d1") : String($0)
                    }
                let answer = try await desk.ask(
                    route.method,
                    "/" + path.joined(separator: "/"),
                    authorization: nil,
                )
                let problem = try answer.problem(.unauthorized, "unauthorized")
                #expect(problem.title == "this call needs a token", "\(route)")
                #expect(problem.hint?.contains("keys/token") == true)
                #expect(answer.headers[.wwwAuthenticate] == "Basic realm=\"OpsHub\"")
            }
            #expect(desk.world.now.actions == before)
        }
    }

    @Test(
        "must be exactly the right one",
        arguments: [
            "Bearer wrong", "Bearer", "Bearer ", "", "Bearer \(Desk.token)x", "Bearer x\(Desk.token)",
            "Bearer \(Desk.token.dropLast())", "Bearer \(Desk.token.uppercased())", "Digest \(Desk.token)",
            Desk.token, "Basic \(Desk.token)", "Basic \(base64(Desk.token))", "Basic \(base64("ada:wrong"))",
            "Basic \(base64("\(Desk.token):"))", "Basic %%%",
        ],
    )
    func wrong(authorization: String) async throws {
        try await Desk.run { desk in
            let answer = try await desk.ask(.get, "/api/v1/status", authorization: authorization)
            let problem = try answer.problem(.unauthorized, "unauthorized")
            #expect(problem.title == "the token is not known here")
        }
    }

    @Test(
        "lets in as Bearer and as the password of Basic",
        arguments: [
            "Bearer \(Desk.token)", "bearer \(Desk.token)", "BEARER \(Desk.token)",
            "Basic \(base64("ada:\(Desk.token)"))", "basic \(base64(":\(Desk.token)"))",
        ],
    )
    func right(authorization: String) async throws {
        try await Desk.run { desk in
            let answer = try await desk.ask(.get, "/api/v1/status", authorization: authorization)
            #expect(answer.status == .ok)
        }
    }

    @Test("comes with the name of a person: that of Basic, or what the command line says, or nobody's")
    func person() async throws {
        try await Desk.run { desk in
            let basic = "Basic \(Self.base64("grace:\(Desk.token)"))"
            let nameless = "Basic \(Self.base64(":\(Desk.token)"))"
            for (authorization, header, expected) in [
                (basic, nil, "grace"), (basic, "ada", "grace"), (nameless, "ada", "ada"),
                ("Bearer \(Desk.token)", "ada", "ada"), ("Bearer \(Desk.token)", nil, "local operator"),
            ] {
                let answer = try await desk.ask(
                    .post,
                    "\(Desk.path)/deployments",
                    authorization: authorization,
                    body: "{\"ref\":\"c1\"}",
                    as: header,
                )
                let started = try answer.value(DeploymentView.self, status: .created)
                #expect(started.requestedBy == expected)
                _ = try await desk.verdict(of: started.id)
            }
        }
    }

    private static func base64(_ text: some StringProtocol) -> String {
        Data(text.utf8).base64EncodedString()
    }
}
