// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// The session of a program that is being run, so that what is left of it can be ended from outside.
final class RunningSession: Sendable {
    private let leader = Mutex<Int32?>(nil)

    /// Says which process began the session.
    func begin(_ process: Int32) {
        leader.withLock { $0 = process }
    }

    /// Kills what is left of the session after its first process has ended.
    func end() async {
        guard let leader = leader.withLock({ $0 }) else { return }
        _ = await StrayProcesses(session: leader).end()
    }
}
