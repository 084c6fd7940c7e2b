// SPDX-License-Identifier: Apache-2.0
import Manifest
import Simulation
import Testing

@Suite("The simulator")
struct SimulatorTests {
    @Test("comes to the same end for the same seed, line by line")
    func deterministic() {
        for seed in 1...60 as ClosedRange<UInt64> {
            let first = Simulator.run(Schedule(seed: seed), traces: true)
            let second = Simulator.run(Schedule(seed: seed), traces: true)
            #expect(first.trace == second.trace, "seed \(seed)")
            #expect(first.violation == nil, "seed \(seed)")
        }
    }

    @Test("brings about everything that it is there for")
    func variety() {
        var verdicts: Set<String> = []
        var restarts = 0
        for seed in 1...60 as ClosedRange<UInt64> {
            let outcome = Simulator.run(Schedule(seed: seed))
            verdicts.formUnion(outcome.verdicts)
            restarts += outcome.planes - 1
        }
        #expect(verdicts == ["succeeded", "failed", "rejected", "cancelled", "superseded"])
        #expect(restarts > 30)
    }

    @Test(
        "survives a crash before and after every single call of a deployment over another",
        arguments: EnvironmentManifest.Strategy.allCases,
    )
    func everyCall(strategy: EnvironmentManifest.Strategy) {
        var schedule = Schedule(
            seed: 1,
            shape: Shape { shape in
                (shape.strategy, shape.replicas) = (strategy, 2)
                (shape.needsApproval, shape.keepWarm) = (true, .seconds(1))
            },
            happenings: [
                Happening(at: .zero, .push(CommitTraits())),
                Happening(at: .seconds(2), .approve(isRight: true)),
                Happening(at: .seconds(20), .push(CommitTraits(migrates: true))),
                Happening(at: .seconds(30), .approve(isRight: true)),
            ],
        )
        let undisturbed = Simulator.run(schedule, traces: true)
        #expect(undisturbed.verdicts == ["succeeded", "succeeded"])
        #expect(undisturbed.calls > 90)
        for call in 1...undisturbed.calls {
            for fault in [Fault.crashBefore, .crashAfter, .fails, .losesAnswer, .repeats] {
                schedule.faults = [call: fault]
                let outcome = Simulator.run(schedule)
                #expect(outcome.violation == nil, "\(fault) at call \(call)")
            }
        }
    }

    @Test(
        "survives that the machine goes down at any moment of a deployment over another (Invariant 7)",
        arguments: EnvironmentManifest.Strategy.allCases,
    )
    func everyMoment(strategy: EnvironmentManifest.Strategy) {
        for moment in stride(from: 20_000, through: 32_000, by: 40) {
            let schedule = Schedule(
                seed: 1,
                shape: Shape { shape in
                    (shape.strategy, shape.replicas, shape.window) = (strategy, 2, .seconds(1))
                },
                happenings: [
                    Happening(at: .zero, .push(CommitTraits())),
                    Happening(at: .seconds(20), .push(CommitTraits(migrates: true))),
                    Happening(at: .milliseconds(moment), .reboot),
                ],
            )
            let outcome = Simulator.run(schedule)
            #expect(outcome.violation == nil, "after \(moment) ms")
            #expect(outcome.verdicts.count == 2)
        }
    }

    @Test(
        "what served is started again although somebody else had the lease when it was looked for (Invariant 7)"
    )
    func seed111() {
        let schedule = Schedule(
            seed: 111,
            shape: Shape {
                ($0.replicas, $0.approvals, $0.window) = (2, 2, .seconds(2))
                $0.needsApproval = true
            },
            happenings: [
                Happening(at: .zero, .push(CommitTraits(migrates: true))),
                Happening(at: .seconds(2), .approve(isRight: true)),
                Happening(at: .milliseconds(11_880), .reboot),
            ],
            faults: [61: .pausesBefore(.milliseconds(33_696))],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }

    @Test("what served is started again although that failed at first (Invariant 7)")
    func seed2146() {
        let schedule = Schedule(
            seed: 2146,
            shape: Shape {
                $0.replicas = 2
                $0.migratesBeforeStart = true
            },
            happenings: [
                Happening(at: .zero, .push(CommitTraits(migrates: true))),
                Happening(at: .milliseconds(28_445), .reboot),
            ],
            faults: [56: .fails],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }

    @Test("what has succeeded is started again although nobody had written down that it serves (Invariant 7)")
    func seed27015() {
        let schedule = Schedule(
            seed: 27_015,
            shape: Shape { ($0.replicas, $0.window) = (3, .seconds(1)) },
            happenings: [
                Happening(at: .zero, .push(CommitTraits())),
                Happening(at: .milliseconds(7674), .push(CommitTraits(servesWell: false, migrates: true))),
                Happening(at: .milliseconds(22_516), .reboot),
            ],
            faults: [19: .crashAfter, 61: .crashBefore, 77: .crashBefore],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }

    @Test("a release is not given up while somebody asks for it (Invariant 11)")
    func seed32865() {
        let schedule = Schedule(
            seed: 32_865,
            shape: Shape {
                ($0.replicas, $0.keepsReleases) = (3, 1)
                ($0.window, $0.keepWarm) = (.seconds(1), .seconds(5))
            },
            happenings: [
                Happening(at: .zero, .push(CommitTraits())),
                Happening(at: .milliseconds(13_499), .push(CommitTraits())),
                Happening(at: .milliseconds(21_452), .rollBack),
                Happening(at: .milliseconds(23_049), .push(CommitTraits())),
            ],
            faults: [120: .pausesBefore(.milliseconds(13_812))],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }

    @Test("an instance that could not be started again at first is tried again (Invariant 14)")
    func seed28057() {
        let schedule = Schedule(
            seed: 28_057,
            shape: Shape {
                $0.window = .seconds(1)
                $0.watchesDrift = true
            },
            happenings: [
                Happening(at: .zero, .push(CommitTraits())),
                Happening(at: .milliseconds(10_387), .stopsInstance),
            ],
            faults: [39: .losesAnswer, 57: .fails],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }

    @Test("takes from a schedule whatever does not matter, and writes the rest down as a test")
    func shrinks() {
        var schedule = Schedule(seed: 7)
        schedule.shape.replicas = 3
        schedule.happenings.append(Happening(at: .seconds(9), .cancel))
        schedule.happenings.append(Happening(at: .seconds(10), .clockJumps(.seconds(-30))))
        schedule.faults = [12: .crashAfter, 40: .isLate(.seconds(3)), 90: .repeats]
        let smallest = schedule.shrunk { candidate in
            candidate.faults[40] != nil && candidate.happenings.contains(Happening(at: .seconds(9), .cancel))
                && candidate.shape.replicas > 1
        }
        #expect(
            smallest.testCase(of: Violation(invariant: 3, text: "r1 is gone")) == """
                @Test("r1 is gone (Invariant 3)")
                func seed7() {
                    let schedule = Schedule(
                        seed: 7,
                        shape: Shape { $0.replicas = 3 },
                        happenings: [
                            Happening(at: .nanoseconds(0), .push(CommitTraits())),
                            Happening(at: .nanoseconds(9000000000), .cancel),
                        ],
                        faults: [
                            40: .isLate(.nanoseconds(3000000000)),
                        ],
                    )
                    #expect(Simulator.run(schedule).violation == nil)
                }
                """
        )
    }

    @Test("a restore that was asked for while another release came to serve ends by itself (Invariant 7)")
    func restoreOfAnother() {
        let schedule = Schedule(
            seed: 11174,
            shape: Shape {
                $0.window = .seconds(2); $0.arrivals = 0
            },
            happenings: [
                Happening(
                    at: .zero,
                    .push(CommitTraits(isHealthy: true, servesWell: false, migrates: true)),
                ),
                Happening(at: .milliseconds(22_226), .restore),
                Happening(at: .milliseconds(23_444), .push(CommitTraits())),
            ],
            faults: [47: .pausesBefore(.milliseconds(16_545))],
        )
        #expect(Simulator.run(schedule).violation == nil)
    }
}
