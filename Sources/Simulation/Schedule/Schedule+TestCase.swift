// SPDX-License-Identifier: Apache-2.0
import Core

extension Schedule {
    /// A test of this schedule, to be kept beside the code that it broke.
    public func testCase(of violation: Violation) -> String {
        let happenings = happenings.map { happening in
            "            Happening(at: \(Self.source(happening.at)), \(Self.source(happening.kind))),"
        }
        let faults = faults.sorted { $0.key < $1.key }
            .map { "            \($0.key): \(Self.source($0.value))," }
        return """
            @Test("\(violation.text) (Invariant \(violation.invariant))")
            func seed\(seed)() {
                let schedule = Schedule(
                    seed: \(seed),
                    shape: \(shape.source),
                    happenings: [
            \(happenings.joined(separator: "\n"))
                    ],
                    faults: [\(faults.isEmpty ? ":" : "\n" + faults.joined(separator: "\n") + "\n        ")],
                )
                #expect(Simulator.run(schedule).violation == nil)
            }
            """
    }

    fileprivate static func source(_ duration: Duration) -> String {
        ".nanoseconds(\(Int(duration / .nanoseconds(1))))"
    }

    private static func source(_ kind: Happening.Kind) -> String {
        switch kind {
        case .push(let traits) where traits == CommitTraits(): ".push(CommitTraits())"
        case .push(let traits):
            ".push(CommitTraits(isHealthy: \(traits.isHealthy), servesWell: \(traits.servesWell), migrates: \(traits.migrates)))"
        case .clockJumps(let time): ".clockJumps(\(source(time)))"
        case .rollBack, .restore, .approve, .schemaChanges, .reject, .cancel, .kill, .reboot, .instanceExits,
            .stopsInstance,
            .changesEdge, .takesSchemaBack:
            ".\(kind)"
        }
    }

    private static func source(_ fault: Fault) -> String {
        switch fault {
        case .isLate(let time): ".isLate(\(source(time)))"
        case .pausesBefore(let time): ".pausesBefore(\(source(time)))"
        case .crashBefore, .crashAfter, .fails, .losesAnswer, .repeats: ".\(fault)"
        }
    }
}

extension Shape {
    fileprivate var source: String {
        let plain = Shape()
        var changes: [String] = []
        if strategy != plain.strategy { changes.append("$0.strategy = .\(strategy)") }
        if replicas != plain.replicas { changes.append("$0.replicas = \(replicas)") }
        if asksWhenInDoubt { changes.append("$0.asksWhenInDoubt = true") }
        if needsApproval { changes.append("$0.needsApproval = true") }
        if approvals != plain.approvals { changes.append("$0.approvals = \(approvals)") }
        if migratesBeforeStart { changes.append("$0.migratesBeforeStart = true") }
        if alwaysBacksUp { changes.append("$0.alwaysBacksUp = true") }
        if window != plain.window { changes.append("$0.window = \(Schedule.source(window))") }
        if keepWarm != plain.keepWarm { changes.append("$0.keepWarm = \(Schedule.source(keepWarm))") }
        if keepsReleases != plain.keepsReleases { changes.append("$0.keepsReleases = \(keepsReleases)") }
        if closesToMigrate { changes.append("$0.closesToMigrate = true") }
        if watchesDrift { changes.append("$0.watchesDrift = true") }
        if arrivals != plain.arrivals { changes.append("$0.arrivals = \(arrivals)") }
        return changes.isEmpty ? "Shape()" : "Shape { \(changes.joined(separator: "; ")) }"
    }
}
