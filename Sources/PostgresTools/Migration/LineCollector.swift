// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// What a program says, line by line.
final class LineCollector: Sendable {
    private static let limit = 100_000
    private let lines = Mutex<[String]>([])

    /// Keeps a line; beyond 100 000 the older half goes.
    func add(_ line: String) {
        lines.withLock { lines in
            lines.append(line)
            if lines.count > Self.limit { lines.removeFirst(Self.limit / 2) }
        }
    }

    /// Every line, in order.
    var all: [String] { lines.withLock { $0 } }
}
