// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Synchronization

/// One start of a control plane, until it dies.
final class ControlPlaneProcess: Sendable {
    enum Life: Sendable, Equatable {
        case running
        /// Does nothing until then, as a process that was stopped or swapped out.
        case paused(until: Duration)
        case dead
    }

    /// From 1.
    let number: Int
    /// The name that it claims environments under.
    let holder: String
    let executor = SeededExecutor()
    private let state = Mutex<State>(State())

    private struct State {
        var life = Life.running
        var engine: DeliveryEngine?
        var tasks: [Task<Void, Never>] = []
        var orders = 0
    }

    init(number: Int, holder: String) {
        (self.number, self.holder) = (number, holder)
    }

    var life: Life { state.withLock(\.life) }

    var isDead: Bool { life == .dead }

    var engine: DeliveryEngine? { state.withLock(\.engine) }

    /// Whether somebody waits for its answer.
    var hasOrders: Bool { state.withLock { $0.life != .dead && $0.orders > 0 } }

    /// Runs the engine; `onEnd` is told when it ends by itself.
    func serve(_ engine: DeliveryEngine, onEnd: @escaping @Sendable () -> Void) {
        state.withLock { $0.engine = engine }
        spawn {
            // Why it ended is told by what it reported; here only that it did.
            try? await engine.run()
            onEnd()
        }
    }

    /// Answers somebody who asked for something.
    func answer(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.orders += 1 }
        spawn { [self] in
            await body()
            state.withLock { $0.orders -= 1 }
        }
    }

    private func spawn(_ body: @escaping @Sendable () async -> Void) {
        let task = Task(executorPreference: executor, operation: body)
        state.withLock { $0.tasks.append(task) }
    }

    func pause(until moment: Duration) {
        state.withLock { state in
            if state.life == .running { state.life = .paused(until: moment) }
        }
    }

    func wake() {
        state.withLock { state in
            if case .paused = state.life { state.life = .running }
        }
    }

    /// Ends it as `kill -9` does: nothing that it does from here on reaches the world.
    func kill() {
        let tasks = state.withLock { state in
            state.life = .dead
            // The engine reports to the run, which knows this process: a circle that would never be freed.
            state.engine = nil
            defer { state.tasks = [] }
            return state.tasks
        }
        for task in tasks { task.cancel() }
    }
}
