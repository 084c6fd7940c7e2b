// SPDX-License-Identifier: Apache-2.0
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

    /// Describes a mark.
    public init(at moment: Date, position: LogPosition, system: String, timeline: UInt32) {
        (at, self.position, self.system, self.timeline) = (moment, position, system, timeline)
    }

    /// The segment that holds its end.
    var segment: LogSegment { LogSegment(system: system, timeline: timeline, holding: position) }

    /// Whether an earlier mark is of the same history.
    func continues(_ earlier: LogMark) -> Bool {
        system == earlier.system && timeline == earlier.timeline && position >= earlier.position
    }
}
