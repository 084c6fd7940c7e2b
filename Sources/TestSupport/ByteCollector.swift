// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Bytes that somebody hands over.
public final class ByteCollector: Sendable {
    private let content = Mutex<[UInt8]>([])

    /// Nothing yet.
    public init() {}

    /// What has arrived.
    public var bytes: [UInt8] { content.withLock { $0 } }

    /// Adds to it.
    public func add(_ bytes: [UInt8]) {
        content.withLock { $0 += bytes }
    }
}
