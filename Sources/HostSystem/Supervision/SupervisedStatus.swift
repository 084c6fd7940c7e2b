// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// What is true of a supervised program right now.
public struct SupervisedStatus: Sendable, Hashable {
    /// Whether the program runs.
    public enum State: Sendable, Hashable {
        /// It runs as this process.
        case running(process: Int32)
        /// It ended by itself, or never came up; its supervisor starts it again.
        case restarting
        /// It does not run, and nothing will start it.
        case stopped
    }

    /// Whether the program runs.
    public var state: State
    /// Whether a supervisor watches it.
    ///
    /// Without one the program may still run on, but nobody would start it again.
    public var isSupervised: Bool
    /// When it came into that state; nil without a supervisor.
    public var since: Date?
    /// How often it ended without being asked to since it was started.
    public var exits: Int
    /// The last of those.
    public var lastExit: ProgramExit?

    /// Describes a state.
    public init(
        state: State,
        isSupervised: Bool,
        since: Date? = nil,
        exits: Int = 0,
        lastExit: ProgramExit? = nil,
    ) {
        self.state = state
        self.isSupervised = isSupervised
        self.since = since
        self.exits = exits
        self.lastExit = lastExit
    }

    /// The program's process, when it runs.
    public var process: Int32? {
        guard case .running(let process) = state else { return nil }
        return process
    }
}
