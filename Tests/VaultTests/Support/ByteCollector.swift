// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Bytes that arrive one after another.
final class ByteCollector: Sendable {
    private let content = Mutex<[UInt8]>([])

    /// What has arrived.
    var bytes: [UInt8] { content.withLock { $0 } }

    /// Adds to it.
    func add(_ bytes: [UInt8]) {
        content.withLock { $0 += bytes }
    }
}
