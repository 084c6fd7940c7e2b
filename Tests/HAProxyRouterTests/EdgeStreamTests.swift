// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// Answers that have no end yet.
@Suite("A long answer", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeStreamTests {
    @Test("passes piece by piece, as it is written")
    func chunks() async throws {
        try await EdgeHome.serving { edge, _ in
            let rest = try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say("GET /stream HTTP/1.1\r\nHost: shop.test\r\n\r\n")
                    _ = try await conversation.hear("chunk 1\n")
                    let early = String(decoding: conversation.heard, as: UTF8.self)
                    #expect(!early.contains("chunk 5"), "nothing came before everything was there")
                    return try await conversation.hear("\r\n0\r\n\r\n")
                }
            for number in 2...5 { #expect(rest.contains("chunk \(number)\n")) }
        }
    }

    @Test("of a WebSocket goes on after its release has lost all traffic, and is counted as in flight")
    func webSocket() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await EdgeClient(port: edge.settings.port)
                .converse { conversation in
                    try await conversation.say(Self.handshake)
                    #expect(try await conversation.hear("\r\n\r\n").hasPrefix("HTTP/1.1 101"))
                    try await Self.echo("before", conversation: &conversation)
                    try await edge.router.direct(.all(.green), of: Sample.production)
                    #expect(try await edge.ask().version == "r2")
                    try await Self.echo("after", conversation: &conversation)
                    #expect(try await edge.router.observe(Sample.production)?.inFlight[.blue] == 1)
                }
            try await eventually("the WebSocket is gone") {
                try await edge.router.observe(Sample.production)?.inFlight[.blue] == 0
            }
        }
    }

    /// RFC 6455, section 1.3.
    private static let handshake = """
        GET /ws HTTP/1.1\r
        Host: shop.test\r
        Upgrade: websocket\r
        Connection: Upgrade\r
        Sec-WebSocket-Version: 13\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        \r

        """

    /// Sends a text frame, masked with zeros, and waits for the same text unmasked.
    private static func echo(_ text: String, conversation: inout EdgeConversation) async throws {
        let (bytes, size) = (Array(text.utf8), UInt8(text.utf8.count))
        try await conversation.say([0x81, 0x80 | size, 0, 0, 0, 0] + bytes)
        _ = try await conversation.hear([0x81, size] + bytes)
    }
}
