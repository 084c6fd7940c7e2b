// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HTTPProbes
import Testing

/// What a probe makes of what comes back, or does not.
@Suite("An HTTP probe", .timeLimit(.minutes(10)))
struct HTTPProberTests {
    private let prober = HTTPProber()

    @Test("tells status and body, and asks as a new client does")
    func answer() async throws {
        let text = "HTTP/1.1 203 Fine\r\nContent-Length: 5\r\n\r\nhello"
        try await CannedServer.saying(text) { server in
            let response = try await prober.get(
                ProbeRequest(
                    port: server.port,
                    path: "/health?deep=1",
                    host: "shop.test",
                    timeout: .seconds(20),
                )
            )
            #expect(response.status == 203)
            #expect(response.body == Array("hello".utf8))
            #expect(response.edgeAnswer == nil)
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("GET /health?deep=1 HTTP/1.1\r\n"))
            #expect(request.contains("Host: shop.test\r\n"))
            #expect(request.contains("Connection: close\r\n"))
        }
    }

    @Test("follows no redirect")
    func redirect() async throws {
        let text = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
        try await CannedServer.saying(text) { server in
            let response = try await get(server)
            #expect(response.status == 302)
            #expect(server.requests.count == 1)
        }
    }

    @Test("tells what the edge said in place of a service")
    func edge() async throws {
        let text = "HTTP/1.1 404 x\r\nx-opshub-edge: no environment answers\r\nContent-Length: 0\r\n\r\n"
        try await CannedServer.saying(text) { server in
            let response = try await get(server)
            #expect(response.edgeAnswer == "no environment answers")
        }
    }

    @Test("keeps the beginning of a body that is too long, also of one without an announced end")
    func large() async throws {
        let text = "HTTP/1.1 200 OK\r\n\r\n" + String(repeating: "x", count: 200_000)
        try await CannedServer.saying(text) { server in
            let response = try await get(server)
            #expect(response.body.count == 64 << 10)
        }
    }

    @Test("says why there is no answer")
    func unreachable() async throws {
        var closed = 0
        try await CannedServer.saying("") { server in
            closed = server.port
            let failure = await #expect(throws: Failure.self) { try await get(server) }
            #expect(failure?.code == .unreachable)
            #expect(failure?.cause == "connection closed before an answer")
        }
        let request = ProbeRequest(port: closed, path: "/", timeout: .seconds(20))
        let failure = await #expect(throws: Failure.self) { try await prober.get(request) }
        #expect(failure?.code == .unreachable)
        #expect(failure?.cause == "connection refused")
    }

    @Test("is not content with something that is not HTTP")
    func nonsense() async throws {
        try await CannedServer.saying("SSH-2.0-OpenSSH_9.2\r\n\r\n") { server in
            let failure = await #expect(throws: Failure.self) { try await get(server) }
            #expect(failure?.code == .unreachable)
        }
    }

    @Test("gives up when its time has run out")
    func deadline() async throws {
        try await CannedServer.saying(nil) { server in
            let request = ProbeRequest(port: server.port, path: "/", timeout: .milliseconds(200))
            let failure = await #expect(throws: Failure.self) { try await prober.get(request) }
            #expect(failure?.code == .deadlineExceeded)
            #expect(failure?.cause == "no answer within 200ms")
        }
    }

    private func get(_ server: CannedServer) async throws -> ProbeResponse {
        try await prober.get(ProbeRequest(port: server.port, path: "/", timeout: .seconds(20)))
    }
}
