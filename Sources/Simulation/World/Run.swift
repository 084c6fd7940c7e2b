// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import Synchronization
import TestSupport

/// One schedule, from the first start of a control plane until nothing is left to do.
final class Run: Sendable {
    static let key = EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production"))
    static let simulatedFailure = "it failed because the schedule says so"

    private struct State {
        var random: SeededGenerator
        var planes: [ControlPlaneProcess] = []
        var restarts: [Restart] = []
        var calls = 0
        var jobs = 0
        var trace: [String] = []
        var locked: ControlPlaneProcess?
    }

    private struct Restart {
        let at: Duration
        let holder: String
    }

    let schedule: Schedule
    let clock = SimulatedClock()
    let world = ScriptedWorld()
    let store = InMemoryDeliveryStore()
    let database: SimulatedDatabase
    let watch: Watch
    let traces: Bool
    private let state: Mutex<State>

    init(_ schedule: Schedule, traces: Bool) {
        self.schedule = schedule
        self.traces = traces
        database = SimulatedDatabase()
        watch = Watch(schedule.shape)
        state = Mutex(State(random: SeededGenerator(seed: schedule.seed ^ 0x5EED)))
        let arrivals = schedule.shape.arrivals
        world.change { facts in
            facts.arrivals.served = arrivals
            facts.log = ["connected with \(ScriptedPorts.database.password.revealed())"]
        }
    }

    // MARK: From the gates

    func nextFault(of plane: ControlPlaneProcess, before name: @autoclosure () -> String) -> Fault? {
        let (number, fault) = state.withLock { state in
            state.calls += 1
            return (state.calls, schedule.faults[state.calls])
        }
        note("\(number) plane \(plane.number): \(name())" + (fault.map { "  ← \($0)" } ?? ""))
        return fault
    }

    func note(_ line: @autoclosure () -> String) {
        guard traces else { return }
        let line = "\(clock.uptime.briefly) \(line())"
        state.withLock { $0.trace.append(line) }
    }

    /// Kills a control plane; another one is started on the same home, or on another one once the leases have run out.
    func crash(_ plane: ControlPlaneProcess) {
        guard !plane.isDead else { return }
        note("plane \(plane.number) is killed")
        plane.kill()
        state.withLock { state in
            let pause = Duration.milliseconds(Int.random(in: 1...5_000, using: &state.random))
            let isSame = state.random.chance(3, in: 4)
            state.restarts.append(
                Restart(
                    at: clock.uptime + pause,
                    holder: isSame ? plane.holder : "\(plane.holder)'",
                )
            )
        }
    }

    /// Ends every control plane there is; one of them is started again.
    func goDown() {
        note("the machine goes down")
        let living = state.withLock { $0.planes.filter { !$0.isDead } }
        for plane in living.dropLast() { plane.kill() }
        living.last.map(crash)
    }

    /// Stops a control plane for a while; another one, elsewhere, is started in its place.
    func pause(_ plane: ControlPlaneProcess, for time: Duration) {
        note("plane \(plane.number) is paused for \(time.briefly)")
        plane.pause(until: clock.uptime + time)
        state.withLock { $0.restarts.append(Restart(at: clock.uptime, holder: "elsewhere \($0.calls)")) }
    }

    /// Whether the journal takes no line now: one in twenty, in some runs.
    func isMute() -> Bool {
        guard schedule.seed.isMultiple(of: 3) else { return false }
        return state.withLock { $0.random.chance(1, in: 20) }
    }

    /// Takes the environment's lock unless another one that lives has it.
    func lock(for plane: ControlPlaneProcess) -> Bool {
        state.withLock { state in
            if let holder = state.locked, !holder.isDead { return false }
            state.locked = plane
            return true
        }
    }

    func unlock(for plane: ControlPlaneProcess) {
        state.withLock { state in
            if state.locked === plane { state.locked = nil }
        }
    }

    // MARK: The loop

    func execute() -> Outcome {
        start("home")
        var happenings = schedule.happenings[...]
        while watch.violation == nil {
            if runJob() {
                guard state.withLock(\.jobs) < 1_000_000 else {
                    watch.report(7, "it does not come to an end")
                    break
                }
                continue
            }
            guard watch.violation == nil else { break }
            let planes = state.withLock(\.planes)
            let alarms = clock.next { planes[$0 - 1].life == .running }
            let wakings = planes.compactMap { plane -> Duration? in
                if case .paused(let until) = plane.life { until } else { nil }
            }
            let restarts = state.withLock { $0.restarts.map(\.at) }
            let events = [happenings.first?.at].compactMap(\.self) + wakings + restarts
            if events.isEmpty, isAtRest() { break }
            guard let next = (events + [alarms].compactMap(\.self)).min(), next < .seconds(36_000) else {
                watch.report(
                    drift == nil ? 7 : 14,
                    drift ?? "nothing more happens, and something is left to do",
                )
                break
            }
            clock.advance(to: next) { planes[$0 - 1].life == .running }
            for plane in planes {
                if case .paused(let until) = plane.life, until <= clock.uptime {
                    note("plane \(plane.number) wakes up")
                    plane.wake()
                }
            }
            let due = state.withLock { state in
                let due = state.restarts.filter { $0.at <= clock.uptime }
                state.restarts.removeAll { $0.at <= clock.uptime }
                return due
            }
            for restart in due { start(restart.holder) }
            while let happening = happenings.first, happening.at <= clock.uptime {
                happenings.removeFirst()
                happen(happening.kind)
            }
        }
        if watch.violation == nil { watch.atRest(self) }
        let planes = state.withLock(\.planes)
        for plane in planes { plane.kill() }
        // What is cancelled ends; nothing of it reaches the world.
        for _ in 0..<100_000 where !runJob() { break }
        return state.withLock { state in
            Outcome(
                violation: watch.violation,
                calls: state.calls,
                planes: state.planes.count,
                verdicts: store.deployments.compactMap { $0.phase.verdict?.outcome.rawValue },
                trace: state.trace,
            )
        }
    }

    private func runJob() -> Bool {
        let chosen = state.withLock { state -> (ControlPlaneProcess, Int)? in
            let ready = state.planes.compactMap { plane -> (ControlPlaneProcess, Int)? in
                if case .paused = plane.life { return nil }
                let count = plane.executor.count
                return count > 0 ? (plane, count) : nil
            }
            guard !ready.isEmpty else { return nil }
            let (plane, count) = ready[Int.random(in: 0..<ready.count, using: &state.random)]
            state.jobs += 1
            return (plane, Int.random(in: 0..<count, using: &state.random))
        }
        guard let (plane, index) = chosen else { return false }
        plane.executor.run(at: index)
        return true
    }

    private func start(_ holder: String) {
        let plane = state.withLock { state in
            let plane = ControlPlaneProcess(number: state.planes.count + 1, holder: holder)
            state.planes.append(plane)
            return plane
        }
        note("plane \(plane.number) starts as \(holder)")
        let engine = engine(of: plane)
        plane.serve(engine) { [self] in
            // An engine that can't begin ends its process, and the process is started again.
            if !plane.isDead { crash(plane) }
        }
    }

    /// Whether every order has its verdict and nobody is about to do anything but wait for a warm release's end.
    private func isAtRest() -> Bool {
        let isBusy = state.withLock { state in
            state.planes.contains(where: \.hasOrders) || state.locked?.isDead == false
        }
        return !isBusy && store.deployments.allSatisfy(\.isOver) && headIsTried()
            && store.record(of: Self.key)?.mayRetire(at: clock.now) != true && drift == nil
            && !isLackingInstances
    }

    func order(_ name: String, by body: @escaping @Sendable (DeliveryEngine) async throws -> Void) {
        let planes = state.withLock { $0.planes.filter { $0.life == .running } }
        guard let plane = planes.last, let engine = plane.engine else {
            return note("\(name): nobody is there")
        }
        plane.answer { [self] in
            do {
                try await body(engine)
                note("\(name): taken")
            } catch {
                note("\(name): \(error)")
            }
        }
    }

    var runningPlanes: [ControlPlaneProcess] { state.withLock { $0.planes.filter { $0.life == .running } } }
}

/// What became of a run.
public struct Outcome: Sendable {
    /// The first invariant that did not hold.
    public var violation: Violation?
    /// Calls to the outside world.
    public var calls: Int
    /// Control planes that were started.
    public var planes: Int
    /// How each deployment ended.
    public var verdicts: [String]
    /// What happened, line by line, when it was asked for.
    public var trace: [String]
}
