// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Keeps one step's output from filling the journal.
final class OutputLimit: Sendable {
    /// Lines that a step may write down.
    static let lines = 10_000

    private let count = Mutex(0)

    /// The line, or once, when there are too many, a remark in its place; nil for every later one.
    func admit(_ line: String) -> String? {
        let number = count.withLock { count in
            count += 1
            return count
        }
        guard number > Self.lines else { return line }
        return number == Self.lines + 1 ? "… more than \(Self.lines) lines; the rest is not kept" : nil
    }
}
