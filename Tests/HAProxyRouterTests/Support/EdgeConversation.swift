// SPDX-License-Identifier: Apache-2.0
import Core
import NIOCore

/// Both directions of one open connection.
struct EdgeConversation {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    /// What was heard and not taken yet.
    private(set) var heard: [UInt8] = []

    init(
        inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator,
        outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>,
    ) {
        self.inbound = inbound
        self.outbound = outbound
    }

    /// Sends bytes.
    func say(_ bytes: [UInt8]) async throws {
        try await outbound.write(ByteBuffer(bytes: bytes))
    }

    /// Sends a text.
    func say(_ text: String) async throws {
        try await say(Array(text.utf8))
    }

    /// Listens until these bytes have come, and takes everything up to their end.
    mutating func hear(_ wanted: [UInt8]) async throws -> [UInt8] {
        while true {
            if let found = heard.firstRange(of: wanted) {
                defer { heard.removeFirst(found.upperBound) }
                return Array(heard[..<found.upperBound])
            }
            guard let chunk = try await inbound.next(isolation: #isolation) else {
                throw Failure(.unreachable, "closed after '\(String(decoding: heard, as: UTF8.self))'")
            }
            heard += chunk.readableBytesView
        }
    }

    /// Listens until this text has come, and takes everything up to its end.
    mutating func hear(_ wanted: String) async throws -> String {
        String(decoding: try await hear(Array(wanted.utf8)), as: UTF8.self)
    }

    /// Listens until the other side closes, and takes everything.
    mutating func hearToTheEnd() async throws -> [UInt8] {
        while let chunk = try await inbound.next(isolation: #isolation) { heard += chunk.readableBytesView }
        defer { heard = [] }
        return heard
    }
}
