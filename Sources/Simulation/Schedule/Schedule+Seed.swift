// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import TestSupport

extension Schedule {
    /// The run that a seed stands for.
    public init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var shape = Shape()
        shape.strategy = EnvironmentManifest.Strategy.allCases.randomElement(using: &random) ?? .rolling
        shape.replicas = [1, 1, 2, 3].randomElement(using: &random) ?? 1
        shape.needsApproval = random.chance(1, in: 3)
        shape.approvals = Int.random(in: 1...2, using: &random)
        shape.migratesBeforeStart = random.chance(1, in: 2)
        shape.alwaysBacksUp = random.chance(1, in: 4)
        shape.window = .seconds(Int.random(in: 1...2, using: &random))
        shape.keepWarm = .seconds([0, 5, 30, 600].randomElement(using: &random) ?? 0)
        shape.arrivals = random.chance(1, in: 4) ? 0 : 20
        shape.keepsReleases = [1, 2, 10].randomElement(using: &random) ?? 10
        shape.watchesDrift = random.chance(1, in: 4)
        shape.asksWhenInDoubt = random.chance(1, in: 16)
        var happenings = [Happening(at: .zero, .push(.random(&random)))]
        for _ in 0..<Int.random(in: 1...5, using: &random) {
            happenings.append(
                Happening(
                    at: .milliseconds(Int.random(in: 1...30_000, using: &random)),
                    .random(&random, shape),
                )
            )
        }
        if shape.needsApproval || shape.asksWhenInDoubt {
            for moment in stride(from: 2_000, through: 32_000, by: 6_000) where random.chance(2, in: 3) {
                happenings.append(Happening(at: .milliseconds(moment), .approve(isRight: true)))
            }
        }
        var faults: [Int: Fault] = [:]
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            faults[Int.random(in: 1...180, using: &random)] = .random(&random)
        }
        // Last, so that all else is as it was before there was maintenance.
        shape.closesToMigrate = random.chance(1, in: 3)
        self.init(seed: seed, shape: shape, happenings: happenings.sorted { $0.at < $1.at }, faults: faults)
    }
}

extension SeededGenerator {
    /// True in `count` of `total` cases.
    mutating func chance(_ count: Int, in total: Int) -> Bool {
        Int.random(in: 1...total, using: &self) <= count
    }
}

extension CommitTraits {
    fileprivate static func random(_ random: inout SeededGenerator) -> CommitTraits {
        CommitTraits(
            isHealthy: random.chance(5, in: 6),
            servesWell: random.chance(5, in: 6),
            migrates: random.chance(1, in: 3),
        )
    }
}

extension Happening.Kind {
    fileprivate static func random(_ random: inout SeededGenerator, _ shape: Shape) -> Self {
        if shape.watchesDrift, random.chance(1, in: 3) {
            return random.chance(1, in: 2) ? .stopsInstance : .changesEdge
        }
        return switch Int.random(in: 0..<17, using: &random) {
        case 0..<6: .push(.random(&random))
        case 6, 7: .rollBack
        case 8: shape.needsApproval ? .approve(isRight: random.chance(1, in: 2)) : .cancel
        case 9:
            shape.needsApproval
                ? [.reject, .schemaChanges].randomElement(using: &random) ?? .reject : .rollBack
        case 10: .cancel
        case 11: .kill
        case 12: random.chance(1, in: 2) ? .kill : .reboot
        case 13: .instanceExits(serving: true)
        case 14: .instanceExits(serving: false)
        case 15:
            random.chance(1, in: 2) ? .restore : .takesSchemaBack(withRelease: random.chance(1, in: 2))
        default: .clockJumps(.seconds([-7200, -30, 30, 7200].randomElement(using: &random) ?? 0))
        }
    }
}

extension Fault {
    fileprivate static func random(_ random: inout SeededGenerator) -> Fault {
        let time = Duration.milliseconds(Int.random(in: 1...20_000, using: &random))
        return switch Int.random(in: 0..<10, using: &random) {
        case 0, 1: .crashBefore
        case 2, 3: .crashAfter
        case 4: .fails
        case 5: .losesAnswer
        case 6: .isLate(time)
        case 7: .repeats
        default: .pausesBefore(time * 3)
        }
    }
}
