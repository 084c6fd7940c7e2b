// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Delivery

/// Every pair of phase and event, and the laws that hold for all of them.
@Suite("The deployment machine")
struct DeploymentMachineTests {
    @Test("takes exactly the events that mean something in a phase", arguments: Sample.phases, Sample.events)
    func everyPair(phase: Sample.NamedPhase, event: Sample.NamedEvent) {
        var machine = DeploymentMachine(phase: phase.phase)
        let isTaken = (try? machine.apply(event.event)) != nil
        #expect(isTaken == Sample.taken[phase.name, default: []].contains(event.name))
        if !isTaken { #expect(machine.phase == phase.phase, "a refused event must change nothing") }
    }

    @Test("names the effects of a phase the same way before and after a restart", arguments: Sample.phases)
    func resumedRepeats(phase: Sample.NamedPhase) throws {
        var machine = DeploymentMachine(phase: phase.phase)
        let effects = try machine.apply(.resumed)
        #expect(machine.phase == phase.phase)
        #expect(effects == machine.pendingEffects)
    }

    @Test("goes through every step of its course to success")
    func happyPath() throws {
        var machine = DeploymentMachine()
        var effects = try machine.apply(.begun(course: Course.untilPlanned))
        var seen: [Step] = []
        while case .perform(let step)? = effects.last {
            seen.append(step)
            effects = try machine.apply(
                step == .plan ? .planned(next: Sample.rest, digest: Sample.digest) : .finished(step)
            )
            if case .askApproval(let digest)? = effects.last {
                seen.append(.approval)
                effects = try machine.apply(.approved(digest))
            }
        }
        #expect(seen == Course.untilPlanned + Sample.rest)
        #expect(machine.phase == .ended(Verdict(outcome: .succeeded)))
        #expect(effects == [.conclude(Verdict(outcome: .succeeded))])
    }

    @Test(
        "undoes exactly what may have been begun, whatever step fails",
        arguments: Array(Sample.rest.indices),
    )
    func undoAfterFailure(index: Int) throws {
        let step = Sample.rest[index]
        guard step != .approval else { return }
        var machine = try Sample.machine(at: index)
        var effects = try machine.apply(.failed(step, Sample.failure))
        var undone: [UndoStep] = []
        while case .undo(let back, 1)? = effects.last {
            undone.append(back)
            effects = try machine.apply(.undone(back))
        }
        let before = Sample.rest[...index]
        let started = before.contains(.start)
        let moved = before.contains { $0.movesTraffic }
        #expect(undone == (moved ? [.returnTraffic, .drainIncoming] : []) + (started ? [.stopIncoming] : []))
        #expect(
            machine.phase.verdict
                == Verdict(outcome: .failed, step: step, failure: Sample.failure, undone: undone)
        )
    }

    @Test("can be cancelled by a person at any step", arguments: Array(Sample.rest.indices))
    func cancel(index: Int) throws {
        let step = Sample.rest[index]
        guard step != .approval else { return }
        var machine = try Sample.machine(at: index)
        let effects = try machine.apply(.cancelled(Sample.failure))
        #expect(effects.first == .interrupt(step))
        let moved = Sample.rest[...index].contains { $0.movesTraffic }
        #expect(machine.phase.mayServe == moved)
        if moved { #expect(effects.last == .undo(.returnTraffic, attempt: 1)) }
    }

    @Test(
        "can be superseded before the switch and never after (Invariant 6)",
        arguments: Array(Sample.rest.indices),
    )
    func supersededOnlyBeforeSwitch(index: Int) throws {
        guard Sample.rest[index] != .approval else { return }
        let hasSwitched = Sample.rest[..<index].contains(.shift(percent: 100))
        var machine = try Sample.machine(at: index)
        let effects = try? machine.apply(.superseded(Sample.failure))
        #expect((effects == nil) == hasSwitched, "at \(Sample.rest[index])")
        if let effects { #expect(effects.first == .interrupt(Sample.rest[index])) }
    }

    @Test("tries a step back again until it works, and keeps its verdict")
    func undoIsRepeated() throws {
        var machine = try Sample.machine(at: try #require(Sample.rest.firstIndex(of: .stability)))
        _ = try machine.apply(.failed(.stability, Sample.failure))
        #expect(try machine.apply(.undoFailed(.returnTraffic)) == [.undo(.returnTraffic, attempt: 2)])
        #expect(try machine.apply(.undoFailed(.returnTraffic)) == [.undo(.returnTraffic, attempt: 3)])
        #expect(try machine.apply(.undone(.returnTraffic)) == [.undo(.drainIncoming, attempt: 1)])
    }

    @Test("never waits for an approval without a plan")
    func approvalNeedsPlan() throws {
        var machine = DeploymentMachine()
        let effects = try machine.apply(.begun(course: [.approval, .start]))
        #expect(machine.phase.verdict?.outcome == .failed)
        #expect(effects.count == 1)
    }

    @Test("refuses a yes to another plan")
    func approvalIsBound() throws {
        var machine = DeploymentMachine(
            phase: .awaitingApproval(Sample.digest, next: [.start], progress: .init())
        )
        #expect(throws: IllegalTransition.self) { try machine.apply(.approved(PlanDigest("other"))) }
    }
}
