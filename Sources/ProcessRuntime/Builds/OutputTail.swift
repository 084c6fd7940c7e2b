// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The end of what a command wrote, for the failure that tells of it.
final class OutputTail: Sendable {
    private static let count = 30
    private let kept = Mutex<[String]>([])

    /// Its last lines.
    var lines: [String] { kept.withLock { Array($0.suffix(Self.count)) } }

    /// Adds a line.
    func add(_ line: String) {
        kept.withLock { lines in
            lines.append(line)
            if lines.count > 2 * Self.count { lines.removeFirst(Self.count) }
        }
    }
}
