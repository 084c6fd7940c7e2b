// SPDX-License-Identifier: Apache-2.0
import Core
import NIOCore
import NIOPosix

/// Speaks HTTP/1.1 byte by byte, so that a test can say what no client library would.
struct EdgeClient: Sendable {
    /// On loopback.
    let port: Int

    /// One GET on a connection of its own.
    func ask(
        _ path: String = "/",
        host: String? = "shop.test",
        headers: [(String, String)] = [],
    ) async throws -> EdgeAnswer {
        let lines = (host.map { [("Host", $0)] } ?? []) + headers + [("Connection", "close")]
        let head = ["GET \(path) HTTP/1.1"] + lines.map { "\($0.0): \($0.1)" }
        return try await send(Array(head.joined(separator: "\r\n").utf8) + Array("\r\n\r\n".utf8))
    }

    /// Sends these bytes and returns the answer, which the other side ends by closing the connection.
    func send(_ request: [UInt8]) async throws -> EdgeAnswer {
        let bytes = try await withDeadline(.seconds(60), "the answer on port \(port)") {
            try await converse { conversation in
                try await conversation.say(request)
                return try await conversation.hearToTheEnd()
            }
        }
        return try EdgeAnswer(bytes)
    }

    /// Speaks on one connection as long as `body` runs.
    func converse<Result: Sendable>(
        _ body: (inout EdgeConversation) async throws -> Result
    ) async throws -> Result {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(30))
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var conversation = EdgeConversation(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&conversation)
        }
    }
}
