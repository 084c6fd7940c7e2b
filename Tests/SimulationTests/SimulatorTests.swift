// SPDX-License-Identifier: Apache-2.0
import Simulation
import Testing

@Suite("The simulator")
struct SimulatorTests {
    @Test("comes to the same end for the same seed")
    func deterministic() {
        for seed in 1...50 as ClosedRange<UInt64> {
            let (first, second) = (
                Simulator.run(Schedule(seed: seed), traces: true),
                Simulator.run(Schedule(seed: seed), traces: true),
            )
            #expect(first.trace == second.trace, "seed \(seed)")
        }
    }
}
