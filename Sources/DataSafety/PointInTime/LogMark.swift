// SPDX-License-Identifier: Apache-2.0
import Core
public import FoundationEssentials

/// A transaction of OpsHub's own in a server's write-ahead log, which the archive has.
///
/// A recovery ends at the first transaction after the moment that is wanted, and fails when there is none; so until here any
/// moment can be gone to, also of a server that nobody writes to.
public struct LogMark: Hashable, Sendable, Codable {
    /// Shortly before it was written, by the server's clock.
    public var at: Date
    /// Where it ends.
    public var position: LogPosition
    /// The cluster's own identifier.
    public var system: String
    /// The branch of its history.
    public var timeline: UInt32
    /// The stream that it was received in: named when a receiver begins, and never given twice, so that parts which do not belong together
    /// are never taken for neighbours, whatever they are called.
    public var stream: String

    /// Describes a mark.
    public init(at moment: Date, position: LogPosition, system: String, timeline: UInt32, stream: String) {
        (at, self.position, self.system, self.timeline) = (moment, position, system, timeline)
        self.stream = stream
    }

    /// The segment that holds its last byte.
    var segment: LogSegment {
        let last = LogPosition(bytes: position.bytes > 0 ? position.bytes - 1 : 0)
        return LogSegment(stream: stream, timeline: timeline, holding: last)
    }

    /// Why this can't follow an earlier mark of the same stream; nil when it can.
    ///
    /// A recovery goes by the times of transactions, and ends at the first that is later: of times that go back it would end too early, and
    /// nobody would notice.
    public func breakAfter(_ earlier: LogMark) -> String? {
        if system != earlier.system { return "another server's files lie there" }
        if timeline != earlier.timeline { return "the server was promoted" }
        if position < earlier.position { return "an earlier state of its files was put there" }
        if at < earlier.at {
            return
                "its clock was set back by more than \(Duration.seconds(earlier.at.timeIntervalSince(at)).briefly)"
        }
        return nil
    }
}
