// SPDX-License-Identifier: Apache-2.0

/// How far the archive of one server's write-ahead log reaches.
public struct LogRecord: Hashable, Sendable, Codable {
    /// The last mark.
    public var mark: LogMark
    /// The last marks of histories that have ended: of clusters that were replaced, and where the log was torn.
    public var ended: [LogMark]

    /// A record that begins.
    public init(mark: LogMark, ended: [LogMark] = []) { (self.mark, self.ended) = (mark, ended) }

    /// Goes on to a new mark; what it does not continue has ended, and so has what was torn before it.
    mutating func reach(_ new: LogMark, afterTear isTorn: Bool) {
        if isTorn || !new.continues(mark) { ended.append(mark) }
        mark = new
    }

    /// Forgets histories of which no base backup is left.
    mutating func forget(but bases: [Backup]) {
        ended.removeAll { mark in
            !bases.contains { backup in
                guard let base = backup.content?.base else { return false }
                return backup.content?.server.systemIdentifier == mark.system
                    && base.timeline == mark.timeline && base.end <= mark.position
            }
        }
    }
}
