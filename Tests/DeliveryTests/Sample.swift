// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

@testable import Delivery

/// One phase and one event of every kind, and which of them fit.
enum Sample {
    struct NamedPhase: Sendable, CustomStringConvertible {
        let name: String
        let phase: Phase
        var description: String { name }
    }

    struct NamedEvent: Sendable, CustomStringConvertible {
        let name: String
        let event: DeploymentEvent
        var description: String { name }
    }

    static let failure = Failure(.gateFailed, "the gate said no")
    static let digest = PlanDigest("3f9c2ab01d77")
    static let verdict = Verdict(outcome: .failed, step: .health, failure: failure)

    /// The steps after the plan of a deployment that does everything.
    static let rest = Array(
        Course(
            needsApproval: true,
            backsUp: true,
            migration: .afterHealth,
            movement: [.shift(percent: 50), .canary(percent: 50), .shift(percent: 100)],
            hasOutgoing: true,
            isWarm: false,
        )
        .steps.dropFirst(Course.untilPlanned.count)
    )

    static let phases = [
        NamedPhase(name: "queued", phase: .queued),
        NamedPhase(
            name: "performing",
            phase: .performing(.health, next: [.smoke], progress: .init(mayRun: true)),
        ),
        NamedPhase(name: "planning", phase: .performing(.plan, next: [], progress: .init())),
        NamedPhase(
            name: "switched",
            phase: .performing(
                .stability,
                next: [.external],
                progress: .init(mayRun: true, mayServe: true, hasSwitched: true),
            ),
        ),
        NamedPhase(
            name: "restoring",
            phase: .performing(.health, next: [], progress: .init(mayReplaceDatabase: true)),
        ),
        NamedPhase(name: "awaiting", phase: .awaitingApproval(digest, next: [.start], progress: .init())),
        NamedPhase(
            name: "deciding",
            phase: .awaitingDecision(
                .stability,
                failure,
                next: [.external],
                progress: .init(mayRun: true, mayServe: true, hasSwitched: true),
            ),
        ),
        NamedPhase(
            name: "deciding on a share",
            phase: .awaitingDecision(
                .canary(percent: 5),
                failure,
                next: [],
                progress: .init(mayRun: true, mayServe: true),
            ),
        ),
        NamedPhase(name: "undoing", phase: .undoing(.stopIncoming, next: [], attempt: 1, verdict: verdict)),
        NamedPhase(name: "ended", phase: .ended(verdict)),
    ]

    static let events = [
        NamedEvent(name: "begun", event: .begun(course: Course.untilPlanned)),
        NamedEvent(name: "planned", event: .planned(next: [.start], digest: digest)),
        NamedEvent(name: "finished health", event: .finished(.health)),
        NamedEvent(name: "finished plan", event: .finished(.plan)),
        NamedEvent(name: "finished stability", event: .finished(.stability)),
        NamedEvent(name: "failed health", event: .failed(.health, failure)),
        NamedEvent(name: "failed plan", event: .failed(.plan, failure)),
        NamedEvent(name: "failed stability", event: .failed(.stability, failure)),
        NamedEvent(name: "doubted health", event: .doubted(.health, failure)),
        NamedEvent(name: "doubted stability", event: .doubted(.stability, failure)),
        NamedEvent(name: "accepted stability", event: .accepted(.stability)),
        NamedEvent(name: "accepted a share", event: .accepted(.canary(percent: 5))),
        NamedEvent(name: "approved", event: .approved(digest)),
        NamedEvent(name: "approved another", event: .approved(PlanDigest("another"))),
        NamedEvent(name: "rejected", event: .rejected(failure)),
        NamedEvent(name: "cancelled", event: .cancelled(failure)),
        NamedEvent(name: "superseded", event: .superseded(failure)),
        NamedEvent(name: "undone", event: .undone(.stopIncoming)),
        NamedEvent(name: "undone another", event: .undone(.returnTraffic)),
        NamedEvent(name: "undo failed", event: .undoFailed(.stopIncoming)),
        NamedEvent(name: "resumed", event: .resumed),
    ]

    /// The events that each phase takes; every other pair is refused.
    static let taken: [String: Set<String>] = [
        "queued": ["begun", "cancelled", "superseded", "resumed"],
        "performing": ["finished health", "failed health", "cancelled", "superseded", "resumed"],
        "restoring": ["finished health", "failed health", "cancelled", "resumed"],
        "planning": ["planned", "failed plan", "cancelled", "superseded", "resumed"],
        "switched": ["finished stability", "failed stability", "doubted stability", "cancelled", "resumed"],
        "deciding": [
            "accepted stability", "finished stability", "failed stability", "rejected", "cancelled",
            "resumed",
        ],
        "deciding on a share": ["accepted a share", "rejected", "cancelled", "superseded", "resumed"],
        "awaiting": ["approved", "planned", "rejected", "cancelled", "superseded", "resumed"],
        "undoing": ["undone", "undo failed", "resumed"],
        "ended": ["resumed"],
    ]

    /// A machine that performs the given one of `rest`.
    static func machine(at index: Int) throws -> DeploymentMachine {
        var machine = DeploymentMachine()
        _ = try machine.apply(.begun(course: [.plan]))
        _ = try machine.apply(.planned(next: rest, digest: digest))
        for step in rest[..<index] {
            _ = try machine.apply(step == .approval ? .approved(digest) : .finished(step))
        }
        return machine
    }
}
