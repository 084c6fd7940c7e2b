// SPDX-License-Identifier: Apache-2.0
import HTTPTypes
import HummingbirdTesting
import NIOCore
import Testing

/// Whether the control plane is well, open to everyone.
@Suite("The control plane's health")
struct HealthRouteTests {
    @Test("is alive as long as it answers, also without its database")
    func alive() async throws {
        try await Desk.run { desk in
            desk.isDatabaseGone.turnOn()
            let answer = try await desk.ask(.get, "/healthz", authorization: nil)
            #expect(try answer.value([String: Bool].self) == ["ok": true])
        }
    }

    @Test("is well while its database answers")
    func well() async throws {
        try await Desk.run { desk in
            let answer = try await desk.ask(.get, "/health", authorization: nil)
            #expect(
                try answer.value([String: String].self) == ["status": "healthy", "database": "connected"]
            )
        }
    }

    @Test("is not when the database does not answer, and tells strangers nothing more")
    func unwell() async throws {
        try await Desk.run { desk in
            desk.isDatabaseGone.turnOn()
            let answer = try await desk.ask(.get, "/health", authorization: nil)
            let body = try answer.value([String: String].self, status: .serviceUnavailable)
            #expect(body == ["status": "unhealthy", "database": "disconnected"])
            #expect(!String(buffer: answer.body).contains("gone"))
        }
    }
}
