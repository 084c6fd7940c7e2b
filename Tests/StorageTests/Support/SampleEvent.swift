// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest
import Delivery
import Testing

/// One journal line of every kind.
struct SampleEvent: Sendable, CustomTestStringConvertible {
    let event: JournalEvent

    var testDescription: String { String("\(event)".prefix { $0 != "(" }) }

    /// Says at compile time when a case is new, so that it gets a line in ``all``.
    private static func isKnown(_ event: JournalEvent) -> Bool {
        switch event {
        case .requested, .started, .output, .note, .finished, .failed, .approvalAsked, .approved,
            .approvalLapsed, .undoing, .undone, .undoFailed, .resumed, .ended, .drifted, .healed, .measured,
            .decisionAsked,
            .accepted:
            true
        }
    }

    static let all = [
        JournalEvent.requested(by: Sample.ada),
        .requested(by: Requester(name: "", channel: .reconciliation)),
        .started(.healthAfterMigration),
        .output(.build, "\u{1B}[31mred\u{1B}[0m \\ \" ' \u{0} é 漢"),
        .note(.shift(percent: 33), ""),
        .finished(.stability, took: .nanoseconds(1_234_567_891)),
        .failed(.smoke, Sample.failure, took: .zero),
        .approvalAsked(Sample.digest),
        .approved(Approval(by: "Ada", at: Sample.time, digest: Sample.digest, from: "::1", comment: "fine")),
        .approved(Approval(by: "Ada", at: Sample.time, digest: Sample.digest)),
        .approvalLapsed(Sample.digest),
        .undoing(.returnTraffic, attempt: 2),
        .undone(.stopIncoming, took: .seconds(86_400)),
        .undoFailed(.drainIncoming, Sample.failure),
        .resumed,
        .ended(Verdict(outcome: .superseded, step: .plan, failure: Sample.failure, undone: [.stopIncoming])),
        .drifted([Drift(.services, "web.1 is stopped"), Drift(.files, "é was changed")]),
        .measured(
            .canary(percent: 5),
            StabilityEvidence(
                window: .seconds(30),
                incoming: .init(
                    requests: 12,
                    failed: 1,
                    probes: 9,
                    failedProbes: 2,
                    latency: LatencySummary(count: 12, p50: .zero, p95: .seconds(1), p99: .seconds(2)),
                    probeP95: .milliseconds(3),
                    flaps: 1,
                    memory: [.init(instance: "web.1", before: .mebibytes(80), after: nil)],
                ),
                outgoing: .init(requests: 0, failed: 0, probes: 0, failedProbes: 0),
            ),
        ),
        .decisionAsked(.stability, Sample.failure),
        .accepted(.stability, Approval(by: "Ada", at: Sample.time, digest: Sample.digest)),
        .healed([Drift(.routes, "host a leads nowhere at the edge")]),
    ]
    .filter(isKnown).map { SampleEvent(event: $0) }
}
