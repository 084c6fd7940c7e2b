// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Keeps one step's output from filling the journal.
final class OutputLimit: Sendable {
    /// Lines that a step may write down.
    static let lines = 10_000
    /// Bytes of them.
    static let bytes = 4 << 20

    private let used = Mutex((lines: 0, bytes: 0))

    /// The line, or once, when there is too much, a remark in its place; nil for everything after it.
    func admit(_ line: String) -> String? {
        let (wasWithin, isWithin) = used.withLock { used in
            let before = used.lines <= Self.lines && used.bytes <= Self.bytes
            used.lines += 1
            used.bytes += line.utf8.count
            return (before, used.lines <= Self.lines && used.bytes <= Self.bytes)
        }
        if isWithin { return line }
        return wasWithin
            ? "… more than \(Self.lines) lines or \(Self.bytes >> 20) MiB; the rest is not kept" : nil
    }
}
