// SPDX-License-Identifier: Apache-2.0
import Delivery
import Testing

/// One phase of every kind.
struct SamplePhase: Sendable, CustomTestStringConvertible {
    let name: String
    let phase: Phase

    var testDescription: String { name }

    static let all =
        [
            SamplePhase(name: "queued", phase: .queued),
            SamplePhase(
                name: "performing",
                phase: .performing(
                    .shift(percent: 25),
                    next: [.shift(percent: 100), .drain, .stability, .external],
                    progress: .init(mayRun: true, mayServe: true, hasSwitched: false),
                ),
            ),
            SamplePhase(
                name: "awaiting approval",
                phase: .awaitingApproval(
                    Sample.digest,
                    next: [.backup, .drill, .migrate],
                    progress: .init(),
                ),
            ),
            SamplePhase(
                name: "awaiting decision",
                phase: .awaitingDecision(
                    .stability,
                    Sample.failure,
                    next: [.external],
                    progress: .init(mayRun: true, mayServe: true, hasSwitched: true),
                ),
            ),
            SamplePhase(
                name: "undoing",
                phase: .undoing(
                    .returnTraffic,
                    next: [.drainIncoming, .stopIncoming],
                    attempt: 3,
                    verdict: Verdict(outcome: .failed, step: .healthAfterMigration, failure: Sample.failure),
                ),
            ),
            SamplePhase(name: "succeeded", phase: .ended(Verdict(outcome: .succeeded))),
        ]
        + Verdict.Outcome.allCases.filter { $0 != .succeeded }
        .map { outcome in
            SamplePhase(
                name: "\(outcome)",
                phase: .ended(
                    Verdict(
                        outcome: outcome,
                        step: .smoke,
                        failure: Sample.failure,
                        undone: UndoStep.allCases,
                    )
                ),
            )
        }
}
