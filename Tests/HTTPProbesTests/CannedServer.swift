// SPDX-License-Identifier: Apache-2.0
import NIOCore
import NIOPosix
import Synchronization

/// Says the same to everybody who asks, byte for byte, or never anything.
final class CannedServer: Sendable {
    /// Where it listens, on loopback.
    let port: Int
    private let heard = Mutex<[String]>([])

    private init(port: Int) {
        self.port = port
    }

    /// What it was asked, request by request.
    var requests: [String] { heard.withLock { $0 } }

    /// Runs `body` beside a server; nil keeps every client waiting.
    static func saying(_ answer: String?, _ body: (CannedServer) async throws -> Void) async throws {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let server = CannedServer(port: listener.channel.localAddress?.port ?? 0)
        try await withThrowingTaskGroup { group in
            group.addTask(name: "canned server") {
                try await listener.executeThenClose { clients in
                    for try await client in clients { try await server.serve(client, answer) }
                }
            }
            try await body(server)
            group.cancelAll()
        }
    }

    private func serve(_ client: NIOAsyncChannel<ByteBuffer, ByteBuffer>, _ answer: String?) async throws {
        try await client.executeThenClose { inbound, outbound in
            var text = ""
            for try await piece in inbound {
                text += String(buffer: piece)
                guard text.hasSuffix("\r\n\r\n") else { continue }
                heard.withLock { [text] in $0.append(text) }
                guard let answer else { continue }
                try await outbound.write(ByteBuffer(string: answer))
                return
            }
        }
    }
}
