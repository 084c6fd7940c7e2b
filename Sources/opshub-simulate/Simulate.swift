// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import Simulation
import Synchronization

/// Looks for schedules that break an invariant; docs/SIMULATION.md.
@main
struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opshub-simulate",
        abstract: "Drive the engine through crashes, and watch its invariants.",
    )

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "How many schedules to run.")
    var schedules: UInt64 = 100_000

    @Option(help: "Go on for this long instead, from a first seed that chance gives.")
    var seconds: Int?

    @Option(help: "Run this seed alone and tell every line.")
    var seed: UInt64?

    @Flag(inversion: .prefixedNo, help: "Look for the smallest schedule that breaks the same invariant.")
    var shrinking = true

    @Option(help: "How many schedules to run at the same time.")
    var threads = 2

    func run() async throws {
        if let seed { return try follow(seed) }
        let clock = ContinuousClock()
        let begin = clock.now
        let end = seconds.map { begin + .seconds($0) }
        let first = seconds == nil ? first : UInt64.random(in: 0..<1 << 40)
        print("from seed \(first)")
        let isBroken = Alarm()
        let totals = await withTaskGroup(of: Totals.self) { group in
            for lane in 0..<UInt64(threads) {
                group.addTask(name: "lane \(lane)") {
                    var totals = Totals()
                    var seed = first &+ lane
                    while end.map({ clock.now < $0 }) ?? (seed < first &+ schedules), !isBroken.isSet {
                        totals.add(seed, Simulator.run(Schedule(seed: seed)))
                        seed &+= UInt64(threads)
                        if totals.broken != nil { isBroken.set() }
                    }
                    return totals
                }
            }
            return await group.reduce(into: Totals()) { $0.add($1) }
        }
        print(totals.summary(took: clock.now - begin))
        if let broken = totals.broken { try tell(broken) }
    }

    private func follow(_ seed: UInt64) throws {
        let outcome = Simulator.run(Schedule(seed: seed), traces: true)
        for line in outcome.trace { print(line) }
        guard outcome.violation != nil else { return print("every invariant held") }
        try tell(seed)
    }

    /// Prints the smallest schedule that breaks the same invariant, as a test.
    private func tell(_ seed: UInt64) throws {
        let schedule = Schedule(seed: seed)
        guard let violation = Simulator.run(schedule).violation else {
            print("seed \(seed) does not break anything when it is run again")
            throw ExitCode(70)
        }
        print("seed \(seed): \(violation)")
        guard shrinking else { throw ExitCode.failure }
        print("\nShrunk:\n")
        let smallest = schedule.shrunk {
            Simulator.run($0).violation?.invariant == violation.invariant
        }
        print(smallest.testCase(of: Simulator.run(smallest).violation ?? violation))
        throw ExitCode.failure
    }
}

/// Told once, seen by everyone.
private final class Alarm: Sendable {
    private let state = Atomic(false)

    var isSet: Bool { state.load(ordering: .relaxed) }

    func set() { state.store(true, ordering: .relaxed) }
}

/// What many runs came to.
struct Totals: Sendable {
    var schedules = 0
    var calls = 0
    var planes = 0
    var verdicts: [String: Int] = [:]
    /// The first seed that broke an invariant.
    var broken: UInt64?

    mutating func add(_ seed: UInt64, _ outcome: Outcome) {
        schedules += 1
        calls += outcome.calls
        planes += outcome.planes
        for verdict in outcome.verdicts { verdicts[verdict, default: 0] += 1 }
        if outcome.violation != nil { broken = seed }
    }

    mutating func add(_ other: Totals) {
        schedules += other.schedules
        calls += other.calls
        planes += other.planes
        verdicts.merge(other.verdicts) { $0 + $1 }
        broken = [broken, other.broken].compactMap(\.self).min()
    }

    func summary(took: Duration) -> String {
        let each = verdicts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        return """
            \(schedules) schedules in \(took.briefly): \(calls) calls to the world, \(planes - schedules) restarts
            deployments: \(each)
            """
    }
}
