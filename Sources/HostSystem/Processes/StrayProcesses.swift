// SPDX-License-Identifier: Apache-2.0
import Glibc

/// What a program has started and left behind: found by its session, and by a variable that marks its own.
///
/// The session finds what blanked its variables; the mark finds what left the session.
public struct StrayProcesses: Sendable, Hashable {
    /// A variable that was given to the program and is inherited by what it starts.
    public struct Mark: Sendable, Hashable {
        /// Its name.
        public let name: String
        /// Its value, which nothing else has.
        public let value: String

        /// Describes a mark.
        public init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    private let session: Int32?
    private let leaderStart: UInt64?
    private let mark: Mark?

    /// Describes what to look for.
    ///
    /// `leaderStart` is the start of the process that began the session; nil says that it has ended. Its number
    /// stays taken while the session has members, so a process of that number with another start means that the
    /// session is gone, and nothing is found by it.
    public init(session: Int32? = nil, leaderStart: UInt64? = nil, mark: Mark? = nil) {
        self.session = session
        self.leaderStart = leaderStart
        self.mark = mark
    }

    /// Those that live, without this process.
    public func find() -> [ProcessEntry] {
        let living = ProcessTable.all().filter { !$0.isZombie && $0.id != getpid() }
        let members = members(among: living)
        guard let mark else { return members }
        let known = Set(members.map(\.id))
        return members
            + living.filter {
                !known.contains($0.id) && ProcessTable.process($0.id, wasGiven: mark.name, mark.value)
            }
    }

    /// Sends a signal to those that live; not to the group of the process that began the session, if that is spared.
    public func send(_ signal: ProcessSignal, sparingGroup: Bool = false) {
        for process in find() where !sparingGroup || process.group != session {
            kill(process.id, signal.number)
        }
    }

    /// Kills them, and returns when none is left, or false after five seconds.
    ///
    /// Not cut short by cancellation.
    public func end() async -> Bool {
        // Shielded: whoever is cancelled must still leave nothing behind.
        await Task(name: "end of stray processes") {
            let limit = ContinuousClock.now + .seconds(5)
            while true {
                let living = find()
                guard !living.isEmpty else { return true }
                guard ContinuousClock.now < limit else { return false }
                for process in living { kill(process.id, SIGKILL) }
                // This task is never cancelled, so the wait can't be cut short.
                try? await ContinuousClock().sleep(for: .milliseconds(20))
            }
        }
        .value
    }

    private func members(among living: [ProcessEntry]) -> [ProcessEntry] {
        guard let session else { return [] }
        if let leader = living.first(where: { $0.id == session }), leader.startTicks != leaderStart {
            return []
        }
        return living.filter { $0.session == session }
    }
}
