// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The last lines of a long output, as evidence.
final class OutputEnd: Sendable {
    private static let limit = 20
    private let kept = Mutex<[String]>([])

    /// The lines, oldest first.
    var lines: [String] { kept.withLock { $0 } }

    /// One more.
    func add(_ line: String) {
        kept.withLock { lines in
            lines.append(String(line.prefix(1000)))
            if lines.count > Self.limit { lines.removeFirst() }
        }
    }
}
