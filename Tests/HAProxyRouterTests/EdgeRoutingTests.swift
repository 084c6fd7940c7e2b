// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// Which application answers a request, asked of a running HAProxy.
@Suite("A request at the edge", .tags(.haproxy), .routedEdge, .timeLimit(.minutes(10)))
struct EdgeRoutingTests {
    @Test(
        "finds its environment by the host, whatever its case and port",
        arguments: ["shop.test", "SHOP.Test", "shop.test:8080", "Shop.TEST:1"],
    )
    func host(host: String) async throws {
        let answer = try await RoutedEdge.current.home.ask(host: host)
        #expect(answer.status == 200)
        #expect(answer.version == "web")
    }

    @Test(
        "to a host that nobody has is answered with 404 and JSON",
        arguments: [
            "unknown.test", "shop.test.evil.test", "xshop.test", "shop", "127.0.0.1", "[::1]:80", "", nil,
        ],
    )
    func unknownHost(host: String?) async throws {
        let edge = try RoutedEdge.current.home
        let answer = try await EdgeClient(port: edge.settings.port)
            .send(Array("GET / HTTP/1.0\r\n\(host.map { "Host: \($0)\r\n" } ?? "")\r\n".utf8))
        #expect(answer.status == 404)
        #expect(answer.headers["content-type"] == ["application/json"])
        #expect(try answer.members() == ["title": "no environment answers for this host"])
    }

    @Test("to an environment without a release is answered with 503 and JSON")
    func nothingDeployed() async throws {
        let edge = try RoutedEdge.current
        let byHost = try await edge.home.ask(host: "staging.shop.test")
        let byPort = try await EdgeClient(port: edge.stagingPort).ask(host: "anything")
        for answer in [byHost, byPort] {
            #expect(answer.status == 503)
            #expect(answer.headers["content-type"] == ["application/json"])
            #expect(try answer.members() == ["title": "nothing is deployed here yet"])
        }
    }

    @Test(
        "goes to the service with the longest prefix of whole path segments",
        arguments: [
            ("/", "web"), ("/index.html", "web"), ("/?q=/api", "web"),
            ("/api", "api"), ("/api/", "api"), ("/api?x=1", "api"), ("/api/orders/7", "api"),
            ("/apix", "web"), ("/apix/v2", "web"), ("/API", "web"), ("/%61pi", "web"), ("//api", "web"),
            ("/api/v2", "v2"), ("/api/v2/", "v2"), ("/api/v2/orders?q=/", "v2"), ("/api/v20", "api"),
            ("/api//v2", "api"), ("/x/api/v2", "web"),
        ],
    )
    func prefix(path: String, service: String) async throws {
        #expect(try await RoutedEdge.current.home.ask(path).version == service)
    }

    @Test("to a path that no service has is answered with 404 and JSON", arguments: ["/", "/doc", "/docsx"])
    func unknownPath(path: String) async throws {
        let answer = try await RoutedEdge.current.home.ask(path, host: "docs.test")
        #expect(answer.status == 404)
        #expect(try answer.members() == ["title": "no service answers for this path"])
        #expect(answer.headers["x-opshub-edge"] == ["no service answers for this path"])
        #expect(try await RoutedEdge.current.home.ask("/docs/x", host: "docs.test").version == "web")
    }

    @Test(
        "to a service's own port needs no host and no route",
        arguments: ["shop.test", "docs.test", "x", nil],
    )
    func servicePort(host: String?) async throws {
        let edge = try RoutedEdge.current
        let answer = try await EdgeClient(port: edge.webPort).ask("/api/v2", host: host ?? "")
        #expect(answer.version == "web")
    }

    @Test(
        "has an id that the edge made, the same at the application and in the answer",
        arguments: [
            [], ["abcdefgh"], ["short"], [String(repeating: "x", count: 65)], ["\"},{\"a\":\"b"],
            ["abcdefgh", "\"},{"], [""],
        ],
    )
    func ownID(brought: [String]) async throws {
        let edge = try RoutedEdge.current.home
        let answer = try await edge.ask("/headers", headers: brought.map { ("X-Request-Id", $0) })
        let id = try #require(answer.headers["x-request-id"]?.first)
        #expect(id.wholeMatch(of: #/[0-9]{16}-[0-9]{1,10}/#) != nil, "\(id)")
        #expect(answer.headers["x-request-id"]?.count == 1)
        #expect(try answer.members()["x-request-id"] == id)
        let other = try await edge.ask("/headers", headers: brought.map { ("X-Request-Id", $0) })
        #expect(other.headers["x-request-id"] != [id])
    }

    @Test("tells the application who asks and where, and nothing that the client claims of that")
    func forwarded() async throws {
        let answer = try await RoutedEdge.current.home.ask(
            "/headers",
            host: "Shop.Test:8080",
            headers: [
                ("X-Forwarded-For", "8.8.8.8"), ("X-Forwarded-Proto", "https"),
                ("X-Forwarded-Host", "evil.test"), ("x-forwarded-port", "1"), ("Forwarded", "for=8.8.8.8"),
                ("X-Own", "kept"),
            ],
        )
        let seen = try answer.members()
        #expect(seen["x-forwarded-for"] == "127.0.0.1")
        #expect(seen["x-forwarded-proto"] == "http")
        #expect(seen["x-forwarded-host"] == nil)
        #expect(seen["host"] == "Shop.Test:8080")
        #expect(seen["x-own"] == "kept")
        #expect(seen["x-forwarded-port"] == nil)
        #expect(seen["forwarded"] == nil)
    }

    @Test("passes with its whole body", arguments: [0, 1, 200_000])
    func body(size: Int) async throws {
        let edge = try RoutedEdge.current.home
        let body = (0..<size).map { UInt8($0 % 251) }
        let head =
            "POST /echo HTTP/1.1\r\nHost: shop.test\r\nContent-Length: \(size)\r\nConnection: close\r\n\r\n"
        let answer = try await EdgeClient(port: edge.settings.port).send(Array(head.utf8) + body)
        #expect(answer.status == 200)
        #expect(answer.body == body)
    }

    @Test("may come on a connection that others came on before")
    func keepAlive() async throws {
        let edge = try RoutedEdge.current.home
        let versions = try await EdgeClient(port: edge.settings.port)
            .converse { conversation in
                var versions: [String] = []
                for path in ["/", "/api", "/api/v2"] {
                    try await conversation.say("GET \(path) HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    let head = try await conversation.hear("\r\n\r\n")
                    versions.append(try #require(try EdgeAnswer(Array(head.utf8)).version))
                    _ = try await conversation.hear("\n")
                }
                return versions
            }
        #expect(versions == ["web", "api", "v2"])
    }
}
