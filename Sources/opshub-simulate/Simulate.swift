// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import Simulation

/// Looks for schedules that break an invariant.
@main
struct Simulate: ParsableCommand {
    @Argument var seed: UInt64
    @Option var count: UInt64 = 1

    func run() throws {
        for seed in seed..<(seed + count) {
            let outcome = Simulator.run(Schedule(seed: seed), traces: count == 1)
            if let violation = outcome.violation {
                print("seed \(seed): \(violation)")
            }
            for line in outcome.trace { print(line) }
        }
    }
}
