// SPDX-License-Identifier: Apache-2.0

/// Where in the write-ahead log a copy of a whole cluster's files was made, which is what recoveries begin with.
public struct BaseBackup: Hashable, Sendable, Codable {
    /// The stream that the log was received in meanwhile.
    public var stream: String
    /// The branch of the cluster's history.
    public var timeline: UInt32
    /// The log is needed from here.
    public var start: LogPosition
    /// Its files fit each other once the log is replayed until here.
    public var end: LogPosition

    /// Describes a base backup.
    public init(stream: String, timeline: UInt32, start: LogPosition, end: LogPosition) {
        (self.stream, self.timeline, self.start, self.end) = (stream, timeline, start, end)
    }

    /// The first segment that is needed.
    var first: LogSegment { LogSegment(stream: stream, timeline: timeline, holding: start) }
}
