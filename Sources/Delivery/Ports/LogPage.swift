// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A place in an instance's log, to go on from.
///
/// Opaque to everyone but the runtime that made it.
public struct LogCursor: Sendable, Hashable, Codable {
    /// The runtime's own notation.
    public let rawValue: String

    /// Wraps the runtime's own notation.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }
}

/// One line that an instance wrote.
public struct LogLine: Sendable, Hashable, Codable {
    /// When it was written.
    public var at: Date
    /// Without its line break.
    public var text: String

    /// Describes a line.
    public init(at: Date, text: String) {
        self.at = at
        self.text = text
    }
}

/// An instance that has a log, and whose log it is.
public struct LoggedInstance: Sendable, Hashable {
    /// Which instance.
    public var id: InstanceID
    /// The release that wrote it.
    public var release: ReleaseID
    /// Whether the instance was stopped and forgotten since.
    public var isGone: Bool

    /// Describes an instance's log.
    public init(id: InstanceID, release: ReleaseID, isGone: Bool) {
        self.id = id
        self.release = release
        self.isGone = isGone
    }
}

/// Some lines of an instance's log.
public struct LogPage: Sendable, Hashable, Codable {
    /// Oldest first.
    public var lines: [LogLine]
    /// Where the next page begins; nil when there is no log at all.
    public var next: LogCursor?

    /// Describes a page.
    public init(lines: [LogLine], next: LogCursor?) {
        self.lines = lines
        self.next = next
    }
}
