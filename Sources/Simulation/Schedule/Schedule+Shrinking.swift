// SPDX-License-Identifier: Apache-2.0
import Manifest

extension Schedule {
    /// The smallest schedule found that breaks the same invariant: nothing can be taken from it any more.
    ///
    /// - Parameter breaks: Whether a schedule breaks it.
    /// - Returns: A schedule that `breaks` says yes to.
    public func shrunk(while breaks: (Schedule) -> Bool) -> Schedule {
        var smallest = self
        while let smaller = smallest.smaller().first(where: breaks) { smallest = smaller }
        return smallest
    }

    /// Everything that is one step simpler, the greatest steps first.
    private func smaller() -> [Schedule] {
        var all: [Schedule] = []
        for index in happenings.indices.dropFirst().reversed() {
            all.append(with { $0.happenings.remove(at: index) })
        }
        for index in faults.keys.sorted() { all.append(with { $0.faults[index] = nil }) }
        for simplify in Self.simplifications { all.append(with { simplify(&$0.shape) }) }
        for index in happenings.indices {
            guard case .push(let traits) = happenings[index].kind, traits != CommitTraits() else { continue }
            all.append(with { $0.happenings[index].kind = .push(CommitTraits()) })
        }
        return all.filter { $0 != self }
    }

    private static let simplifications: [@Sendable (inout Shape) -> Void] = [
        { $0 = Shape() }, { $0.replicas = 1 }, { $0.strategy = .blueGreen }, { $0.needsApproval = false },
        { $0.approvals = 1 },
        { $0.alwaysBacksUp = false }, { $0.migratesBeforeStart = false }, { $0.arrivals = 20 },
        { $0.window = .seconds(3) }, { $0.keepWarm = .seconds(30) }, { $0.keepsReleases = 10 },
        { $0.closesToMigrate = false }, { $0.watchesDrift = false }, { $0.asksWhenInDoubt = false },
    ]

    private func with(_ change: (inout Schedule) -> Void) -> Schedule {
        var copy = self
        change(&copy)
        return copy
    }
}
