// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// How far the archive of one server's write-ahead log reaches.
public struct LogRecord: Hashable, Sendable, Codable {
    /// A part of the log that was lost, or must not be gone through.
    public struct Tear: Hashable, Sendable, Codable {
        /// The last moment before it.
        public var last: Date
        /// Why.
        public var reason: String
    }

    /// The last mark of each stream, the present one last.
    public private(set) var marks: [LogMark]
    /// The last tear; nil when there was none.
    public private(set) var tear: Tear?

    /// A record that begins.
    public init(marks: [LogMark]) { self.marks = marks }

    /// The last mark of all.
    var present: LogMark? { marks.last }

    /// Goes on to a new mark.
    ///
    /// What was known of other streams stays known, so nothing has to be written down when one ends.
    mutating func reach(_ new: LogMark, because reason: String?) {
        if let last = marks.last, last.stream != new.stream {
            tear = Tear(last: last.at, reason: reason ?? "its receiver began anew")
        }
        marks.removeAll { $0.stream == new.stream }
        marks.append(new)
    }

    /// Forgets streams, but for the present one, of which no base backup is left.
    mutating func forget(but streams: Set<String>) {
        let present = marks.last?.stream
        marks.removeAll { $0.stream != present && !streams.contains($0.stream) }
    }
}
