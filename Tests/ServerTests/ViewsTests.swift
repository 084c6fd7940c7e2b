// SPDX-License-Identifier: Apache-2.0
import Manifest
import API
import Core
import Delivery
import FoundationEssentials
import Testing

@testable import Server

/// How values of the engine look on the wire.
@Suite("Views")
struct ViewsTests {
    private static let failure = Failure(.gateFailed, "it said no", hint: "look")
    private static let digest = PlanDigest("3f9c2ab01d77e0e1")
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    /// A journal event, and the line that it must become.
    struct Line: Sendable, CustomTestStringConvertible {
        let event: JournalEvent
        let kind: JournalLine.Kind
        let text: String
        var step: String?
        var took: Int64?
        var failure: Failure?
        var outcome: String?
        var measured: StabilityView?

        var testDescription: String { "\(kind): \(text)" }
    }

    @Test("of a journal's lines say everything that there is to say", arguments: lines)
    func journal(line: Line) {
        let view = JournalLine(JournalEntry(sequence: 7, at: Self.time, event: line.event))
        #expect(
            view
                == JournalLine(
                    sequence: 7,
                    at: Self.time,
                    kind: line.kind,
                    step: line.step,
                    text: line.text,
                    tookMilliseconds: line.took,
                    failure: line.failure,
                    outcome: line.outcome,
                    measured: line.measured,
                )
        )
    }

    @Test("know every kind of line")
    func everyKind() {
        #expect(Set(Self.lines.map(\.kind)) == Set(JournalLine.Kind.allCases))
    }

    @Test(
        "of a deployment say in one word where it is, and at which step",
        arguments: [
            (Phase.queued, "queued", nil),
            (.performing(.shift(percent: 50), next: [], progress: .init()), "running", "shift to 50%"),
            (.awaitingApproval(digest, next: [], progress: .init()), "awaiting-approval", "approval"),
            (
                .awaitingDecision(.stability, failure, next: [], progress: .init()), "awaiting-decision",
                "stability gate",
            ),
            (
                .undoing(.drainIncoming, next: [], attempt: 2, verdict: Verdict(outcome: .failed)), "undoing",
                "drain the incoming release",
            ),
            (.ended(Verdict(outcome: .succeeded)), "succeeded", nil),
            (.ended(Verdict(outcome: .failed, step: .drill)), "failed", "restore drill"),
            (.ended(Verdict(outcome: .rejected, step: .approval)), "rejected", "approval"),
            (.ended(Verdict(outcome: .cancelled)), "cancelled", nil),
            (.ended(Verdict(outcome: .superseded, step: .build)), "superseded", "build"),
        ] as [(Phase, String, String?)],
    )
    func phases(phase: Phase, state: String, step: String?) {
        var deployment = Self.deployment
        deployment.machine = DeploymentMachine(phase: phase)
        let view = DeploymentView(deployment, nil)
        #expect(view.state == state)
        #expect(view.step == step)
        #expect(view.isOver == false)
    }

    @Test("of a deployment that is over say how it ended, what was undone and what it cost")
    func ended() {
        var deployment = Self.deployment
        let verdict = Verdict(
            outcome: .failed,
            step: .stability,
            failure: Self.failure,
            undone: [.returnTraffic, .stopIncoming],
        )
        deployment.machine = DeploymentMachine(phase: .ended(verdict))
        deployment.concludedAt = Self.time.addingTimeInterval(60)
        deployment.traffic = [.blue: .init(served: 100, failed: 0), .green: .init(served: 10, failed: 5)]
        let view = DeploymentView(deployment, nil)
        #expect(view.isOver)
        #expect(view.endedAt == Self.time.addingTimeInterval(60))
        #expect(view.failure == Self.failure)
        #expect(view.undone == ["return traffic", "stop the incoming release"])
        #expect(
            view.traffic
                == [
                    "blue": TrafficView(served: 100, failed: 0), "green": TrafficView(served: 10, failed: 5),
                ]
        )
        #expect(view.commit == "")
    }

    @Test(
        "of an instance say whether it runs",
        arguments: [
            (InstanceStatus.State.running(process: 7), "running"), (.restarting, "restarting"),
            (.stopped, "stopped"),
        ],
    )
    func instances(state: InstanceStatus.State, word: String) {
        let id = InstanceID(Desk.key, .green, ServiceName("web"), 2)
        let view = InstanceView(
            InstanceStatus(id: id, release: ReleaseID("r3"), port: 20_001, state: state, exits: 4)
        )
        #expect(
            view
                == InstanceView(
                    service: "web",
                    replica: 2,
                    slot: "green",
                    release: "r3",
                    port: 20_001,
                    state: word,
                    exits: 4,
                )
        )
    }

    private static let deployment = Deployment(
        id: DeploymentID("d1"),
        environment: Desk.key,
        kind: .release,
        release: ReleaseID("r1"),
        requester: Requester(name: "Ada", channel: .push),
        requestedAt: time,
    )

    private static let lines = [
        Line(
            event: .requested(by: Requester(name: "Ada", channel: .push)),
            kind: .requested,
            text: "asked for by Ada (push)",
        ),
        Line(event: .started(.drill), kind: .started, text: "restore drill", step: "restore drill"),
        Line(event: .output(.build, "cc main.c"), kind: .output, text: "cc main.c", step: "build"),
        Line(event: .note(.shift(percent: 100), "new"), kind: .note, text: "new", step: "switch"),
        Line(
            event: .finished(.health, took: .microseconds(2_345_678)),
            kind: .finished,
            text: "health gate",
            step: "health gate",
            took: 2345,
        ),
        Line(
            event: .failed(.smoke, failure, took: .seconds(1)),
            kind: .failed,
            text: "it said no",
            step: "smoke gate",
            took: 1000,
            failure: failure,
        ),
        Line(
            event: .approvalAsked(digest),
            kind: .approvalAsked,
            text: "3f9c2ab01d77e0e1",
            step: "approval",
        ),
        Line(
            event: .approved(Approval(by: "Grace", at: time, digest: digest, comment: "fine")),
            kind: .approved,
            text: "approved by Grace: fine",
            step: "approval",
        ),
        Line(
            event: .measured(
                .stability,
                StabilityEvidence(
                    window: .seconds(30),
                    incoming: .init(
                        requests: 200,
                        failed: 1,
                        probes: 60,
                        failedProbes: 2,
                        latency: LatencySummary(
                            count: 200,
                            p50: .milliseconds(2),
                            p95: .milliseconds(9),
                            p99: .milliseconds(20),
                        ),
                        probeP95: .milliseconds(4),
                        flaps: 1,
                        memory: [.init(instance: "web.1", before: .mebibytes(80), after: .mebibytes(81))],
                    ),
                    outgoing: .init(requests: 0, failed: 0, probes: 60, failedProbes: 0),
                ),
            ),
            kind: .measured,
            text:
                "200 requests, 0.50% failed; 60 probes, 2 failed; P50 2ms, P95 9ms, P99 20ms; 1 flaps; web.1 80.0 MiB → 81.0 MiB; the outgoing release: 0 requests; 60 probes, 0 failed",
            step: "stability gate",
            measured: StabilityView(
                seconds: 30,
                incoming: .init(
                    requests: 200,
                    failed: 1,
                    probes: 60,
                    failedProbes: 2,
                    milliseconds: ["p50": 2, "p95": 9, "p99": 20],
                    probeP95Milliseconds: 4,
                    flaps: 1,
                    memory: [.init(instance: "web.1", before: 80 << 20, after: 81 << 20)],
                ),
                outgoing: .init(
                    requests: 0,
                    failed: 0,
                    probes: 60,
                    failedProbes: 0,
                    milliseconds: nil,
                    probeP95Milliseconds: nil,
                    flaps: 0,
                    memory: [],
                ),
            ),
        ),
        Line(
            event: .decisionAsked(.stability, failure),
            kind: .decisionAsked,
            text: "it said no",
            step: "stability gate",
            failure: failure,
        ),
        Line(
            event: .accepted(.stability, Approval(by: "Grace", at: time, digest: digest, comment: "fine")),
            kind: .accepted,
            text: "kept by Grace: fine",
            step: "stability gate",
        ),
        Line(
            event: .approvalLapsed(digest),
            kind: .approvalLapsed,
            text: "plan 3f9c2ab01d77 no longer holds; the present one waits for a yes",
            step: "approval",
        ),
        Line(
            event: .approved(Approval(by: "Grace", at: time, digest: digest, from: "10.0.0.7")),
            kind: .approved,
            text: "approved by Grace from 10.0.0.7",
            step: "approval",
        ),
        Line(
            event: .approved(Approval(by: "Grace", at: time, digest: digest)),
            kind: .approved,
            text: "approved by Grace",
            step: "approval",
        ),
        Line(
            event: .drifted([Drift(.services, "web.1 is stopped"), Drift(.files, "a was changed")]),
            kind: .drifted,
            text: "has drifted: web.1 is stopped; a was changed",
        ),
        Line(
            event: .healed([Drift(.services, "web.1 is stopped")]),
            kind: .healed,
            text: "put right: web.1 is stopped",
        ),
        Line(
            event: .undoing(.returnTraffic, attempt: 1),
            kind: .undoing,
            text: "return traffic",
            step: "return traffic",
        ),
        Line(
            event: .undoing(.returnTraffic, attempt: 3),
            kind: .undoing,
            text: "return traffic (attempt 3)",
            step: "return traffic",
        ),
        Line(
            event: .undone(.stopIncoming, took: .milliseconds(12)),
            kind: .undone,
            text: "stop the incoming release",
            step: "stop the incoming release",
            took: 12,
        ),
        Line(
            event: .undoFailed(.drainIncoming, failure),
            kind: .undoFailed,
            text: "it said no",
            step: "drain the incoming release",
            failure: failure,
        ),
        Line(event: .resumed, kind: .resumed, text: "the control plane was started again and goes on"),
        Line(
            event: .ended(Verdict(outcome: .failed, step: .external, failure: failure)),
            kind: .ended,
            text: "failed",
            step: "external check",
            failure: failure,
            outcome: "failed",
        ),
    ]
}
