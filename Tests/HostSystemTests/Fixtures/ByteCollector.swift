// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Keeps what is handed to it, in order.
final class ByteCollector: Sendable {
    private let content = Mutex<[UInt8]>([])

    /// Everything so far.
    var bytes: [UInt8] { content.withLock { $0 } }

    /// Takes the next bytes.
    func add(_ bytes: [UInt8]) {
        content.withLock { $0 += bytes }
    }
}
