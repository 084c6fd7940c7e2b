// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Testing

@testable import HAProxyRouter

/// What HAProxy writes of requests, read back.
@Suite("The access log of a running edge", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeLogTests {
    @Test("is JSON line by line, whatever clients send")
    func alwaysJSON() async throws {
        try await EdgeHome.serving { edge, _ in
            let client = EdgeClient(port: edge.settings.port)
            for request in Self.hostile {
                // Some are refused by closing the connection without a word.
                _ = try? await client.send(request)
            }
            _ = try await edge.ask("/last")
            let lines = try await edge.accessLines(upTo: "/last")
            #expect(lines.count > Self.hostile.count)
            #expect(lines.contains { $0.path == #"/"quotes"\and\backslashes"# })
            #expect(lines.contains { $0.path == "/\",\"status\":200}{" })
            #expect(lines.contains { $0.path.utf8.count == 1024 && $0.status == 200 })
            #expect(lines.count { $0.method == "<BADREQ>" } >= 3)
            for line in lines where line.id != "-" { #expect(line.id.utf8.count <= 64) }
        }
    }

    @Test("says who answered what")
    func says() async throws {
        try await EdgeHome.serving { edge, _ in
            let before = Int(Date().timeIntervalSince1970 * 1000)
            let answer = try await edge.ask("/orders?q=secret")
            _ = try await edge.ask("/", host: "unknown.test")
            _ = try await edge.ask("/last")
            let after = Int(Date().timeIntervalSince1970 * 1000)
            let lines = try await edge.accessLines(upTo: "/last")
            let line = try #require(lines.first { $0.path == "/orders" })
            #expect(line.environment == "shop.production")
            #expect(line.slot == "blue")
            #expect(line.release == "r1")
            #expect(line.service == "web")
            #expect(line.server == "blue-1")
            #expect(line.status == 200)
            #expect(line.method == "GET")
            #expect(line.path == "/orders")
            #expect(line.client == "127.0.0.1")
            #expect(answer.headers["x-request-id"] == [line.id])
            #expect((before...after).contains(line.at))
            let unknown = try #require(lines.first { $0.status == 404 })
            #expect(unknown.environment == "-")
            #expect(unknown.server == "<NOSRV>")
        }
    }

    @Test("names the environment that had nothing to answer with, asked by host or by port")
    func nothingDeployed() async throws {
        try await EdgeHome.serving { edge, _ in
            let port = try FreePort.next()
            try await edge.router.place(
                Sample.placement(
                    .blue,
                    "s1",
                    ports: [1],
                    of: Sample.staging,
                    domain: "staging.test",
                    listening: [Sample.web: port],
                )
            )
            let client = EdgeClient(port: port)
            _ = try await edge.ask("/by-its-host", host: "staging.test")
            _ = try await client.ask("/by-its-port")
            _ = try await edge.ask("/last")
            let lines = try await edge.accessLines(upTo: "/last").filter { $0.path.hasPrefix("/by-its") }
            #expect(lines.map(\.environment) == ["shop.staging", "shop.staging"])
            #expect(lines.map(\.status) == [503, 503])
            #expect(lines.map(\.slot) == ["-", "-"])
            #expect(lines.map(\.release) == ["-", "-"])
        }
    }

    @Test("names the release that each slot has at the moment")
    func releases() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            _ = try await edge.ask("/before-it")
            try await edge.router.direct(.all(.green), of: Sample.production)
            _ = try await edge.ask("/after-it")
            try await edge.router.place(Sample.placement(.blue, "r3", ports: [green.port]))
            try await edge.router.direct(.all(.blue), of: Sample.production)
            _ = try await edge.ask("/last")
            let lines = try await edge.accessLines(upTo: "/last")
                .filter { $0.path.hasSuffix("-it") || $0.path == "/last" }
            #expect(lines.map(\.slot) == ["blue", "green", "blue"])
            #expect(lines.map(\.release) == ["r1", "r2", "r3"])
        }
    }

    @Test("tells who answered when two releases share traffic")
    func shared() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.shared(incoming: .green, percent: 50), of: Sample.production)
            var answered: [String: String] = [:]
            for number in 0..<10 {
                let path = "/request-\(number)"
                answered[path] = try await edge.ask(path).version
            }
            let lines = try await edge.accessLines(upTo: "/request-9")
                .filter { $0.path.hasPrefix("/request-") }
            for line in lines { #expect(line.release == answered[line.path]) }
            #expect(Set(lines.map(\.slot)) == ["blue", "green"])
        }
    }

    /// HAProxy's own accept time is that of the answer before, however long ago.
    @Test("times a request on an old connection by itself")
    func keptAlive() async throws {
        try await EdgeHome.serving { edge, _ in
            let since = try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say("GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    _ = try await conversation.hear("ok r1\n")
                    let since = Date()
                    try await conversation.say(
                        "GET /slow?ms=50 HTTP/1.1\r\nHost: shop.test\r\n\r\n"
                    )
                    _ = try await conversation.hear("slow\n")
                    return since
                }
            _ = try await edge.accessLines(upTo: "/slow")
            let latency = try #require(
                try await edge.router.latency(of: .blue, in: Sample.production, since: since)
            )
            #expect(latency.count == 1)
            #expect(latency.p50 >= .milliseconds(50))
            #expect(try await edge.router.latency(of: .green, in: Sample.production, since: since) == nil)
        }
    }

    private static let hostile: [[UInt8]] = [
        request(#"GET /"quotes"\and\backslashes HTTP/1.1"#),
        request("GET /\",\"status\":200}{ HTTP/1.1"),
        request("GET /%22%5c%00%0a%1b HTTP/1.1"),
        request("GET /" + String(repeating: "a", count: 9000) + " HTTP/1.1"),
        request("GET /" + String(repeating: "\"", count: 9000) + " HTTP/1.1"),
        request("GET /" + String(repeating: "x", count: 15_900) + " HTTP/1.1"),
        request(String(repeating: "M", count: 9000) + " / HTTP/1.1"),
        request("GET / HTTP/1.1", "X-Request-Id: abcdefgh", "X-Request-Id: \",\"status\":1"),
        request("GET / HTTP/1.1", "X-Request-Id: abcdefgh, \"},{"),
        request("GET / HTTP/1.1", "X-Request-Id: \\\\\\\\\\\\\\\\\""),
        request("OPTIONS * HTTP/1.1"),
        request("GET http://shop.test/absolute HTTP/1.1"),
        request("NO\"T / HTTP/1.1"),
        Array("GET /\u{1}\u{7F}\u{1B}[31m HTTP/1.1\r\nHost: shop.test\r\n\r\n".utf8),
        Array("GET /".utf8) + [0xFF, 0xC3, 0x28, 0xE2, 0x82]
            + Array(" HTTP/1.1\r\nHost: shop.test\r\n\r\n".utf8),
        Array("GET /\u{E9}\u{4E2D} HTTP/1.1\r\nHost: shop.test\r\n\r\n".utf8),
        Array("nonsense\r\n\r\n".utf8),
    ]

    private static func request(_ lines: String...) -> [UInt8] {
        Array((lines + ["Host: shop.test", "Connection: close", "", ""]).joined(separator: "\r\n").utf8)
    }
}
