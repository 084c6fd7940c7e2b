// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Synchronization

/// Time that passes only when there is nothing else to do.
final class SimulatedClock: Sendable {
    private struct Alarm {
        let id: Int
        let at: Duration
        /// The control plane that waits; a paused one is not woken.
        let owner: Int
        let wake: CheckedContinuation<Void, Never>
    }

    private struct State {
        var uptime: Duration = .zero
        /// What somebody has added to the time of day.
        var offset: Duration = .zero
        var alarms: [Alarm] = []
        var last = 0
    }

    private let state = Mutex(State())

    /// Time since the beginning, on which nobody has an influence.
    var uptime: Duration { state.withLock(\.uptime) }

    /// The time of day.
    var now: Date {
        let (uptime, offset) = state.withLock { ($0.uptime, $0.offset) }
        return Date(timeIntervalSince1970: 1_700_000_000 + (uptime + offset).inSeconds)
    }

    /// Somebody sets the clock.
    func jump(by duration: Duration) {
        state.withLock { $0.offset += duration }
    }

    /// Waits for the time to come, or for the task to be cancelled.
    func sleep(for duration: Duration, owner: Int) async throws {
        let id = state.withLock { state in
            state.last += 1
            return state.last
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.alarms.append(
                        Alarm(
                            id: id,
                            at: state.uptime + max(duration, .nanoseconds(1)),
                            owner: owner,
                            wake: wake,
                        )
                    )
                    return false
                }
                if isCancelled { wake.resume() }
            }
        } onCancel: {
            let alarm = state.withLock { state in
                state.alarms.firstIndex { $0.id == id }.map { state.alarms.remove(at: $0) }
            }
            alarm?.wake.resume()
        }
        try Task.checkCancellation()
    }

    /// When the next alarm goes off of those whose owner is awake.
    func next(where isAwake: (Int) -> Bool) -> Duration? {
        state.withLock { state in
            var next: Duration?
            for alarm in state.alarms where isAwake(alarm.owner) { next = min(next ?? alarm.at, alarm.at) }
            return next
        }
    }

    /// Lets time pass, and wakes whoever is awake and waited for it.
    func advance(to moment: Duration, where isAwake: (Int) -> Bool) {
        let due = state.withLock { state in
            state.uptime = max(state.uptime, moment)
            var due: [Alarm] = []
            var later: [Alarm] = []
            for alarm in state.alarms {
                if alarm.at <= state.uptime, isAwake(alarm.owner) {
                    due.append(alarm)
                } else {
                    later.append(alarm)
                }
            }
            state.alarms = later
            return due
        }
        for alarm in due { alarm.wake.resume() }
    }
}

/// The clock as one control plane sees it.
struct SimulatedTime: TimeSource {
    let clock: SimulatedClock
    let plane: ControlPlaneProcess

    var now: Date { clock.now }

    var uptime: Duration { clock.uptime }

    func sleep(for duration: Duration) async throws {
        guard !plane.isDead else { throw CancellationError() }
        try await clock.sleep(for: duration, owner: plane.number)
    }
}
