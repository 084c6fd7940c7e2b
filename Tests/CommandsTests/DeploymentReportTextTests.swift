// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Foundation
import Testing

@testable import Commands

@Suite("A deployment's report")
struct DeploymentReportTextTests {
    private static let begin = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("draws when each step ran, and says who approved, what gates saw and how it ended")
    func text() {
        let failure = Failure(
            .gateFailed,
            "release r2 failed 5 of 10 requests",
            hint: "look",
            evidence: ["last lines"],
        )
        let report = DeploymentReport(
            deployment: Self.deployment(failure),
            journal: [
                Self.line(0, .requested, "asked for by ada (push)"),
                Self.line(0, .started, "build", step: "build"),
                Self.line(2, .resumed, "the control plane was started again and goes on"),
                Self.line(2, .started, "build", step: "build"),
                Self.line(4, .finished, "build", step: "build"),
                Self.line(4, .approvalAsked, "3f9c", step: "approval"),
                Self.line(6, .approved, "approved by bea", step: "approval"),
                Self.line(6, .started, "stability gate", step: "stability gate"),
                Self.line(7, .note, "5 requests so far", step: "stability gate"),
                Self.line(8, .failed, "no", step: "stability gate"),
                Self.line(8, .undoing, "return traffic", step: "return traffic"),
                Self.line(8, .undone, "return traffic", step: "return traffic"),
                Self.line(8, .ended, "failed"),
            ],
            before: DeploymentReport.Period(
                from: Self.begin.addingTimeInterval(-3600),
                to: Self.begin,
                traffic: TrafficView(served: 1, failed: 0),
                isPartial: false,
            ),
            after: DeploymentReport.Period(
                from: Self.begin.addingTimeInterval(8),
                to: Self.begin.addingTimeInterval(68),
                traffic: TrafficView(served: 900, failed: 3),
                isPartial: true,
            ),
            logs: [
                LogView(at: Self.begin, instance: "web.1", slot: "green", text: "listening"),
                LogView(at: Self.begin, instance: "web.1", slot: "green", text: "no database"),
            ],
        )
        #expect(
            DeploymentReportText.lines(report) == """
                d2 failed: r2 (0123456 Say hello) to shop/production
                  asked for  ada, 2027-01-15T08:00:00Z
                  plan       3f9c2ab01d77
                  approved   bea from 10.0.0.7, 2027-01-15T08:00:06Z: go
                  took       8.0s, from the order to the verdict
                  before     1 request, 0 failed in 1h 00m
                  meanwhile  blue 100 requests, 0 failed; green 10 requests, 5 failed
                  since      at least 900 requests, 3 failed in 1m 00s

                  build                       ████████████████████                      4.0s
                  approval                                        ██████████            2.0s
                ✗ stability gate                                            ██████████  2.0s
                  ↶ return traffic                                                   █  0ms

                  stability gate              5 requests so far

                  at the stability gate: release r2 failed 5 of 10 requests
                    last lines
                  hint: look

                  last lines of web.1 in green:
                    listening
                    no database
                """
        )
    }

    private static func line(
        _ second: Double,
        _ kind: JournalLine.Kind,
        _ text: String,
        step: String? = nil,
    ) -> JournalLine {
        JournalLine(sequence: 1, at: begin.addingTimeInterval(second), kind: kind, step: step, text: text)
    }

    private static func deployment(_ failure: Failure) -> DeploymentView {
        DeploymentView(
            state: "failed",
            id: "d2",
            project: "shop",
            environment: "production",
            kind: "release",
            release: "r2",
            commit: "0123456789abcdef",
            subject: "Say hello",
            requestedBy: "ada",
            requestedAt: begin,
            endedAt: begin.addingTimeInterval(8),
            step: "stability gate",
            isOver: true,
            failure: failure,
            undone: ["return traffic"],
            plan: PlanView(
                digest: "3f9c2ab01d77e0e1",
                project: "shop",
                environment: "production",
                kind: "release",
                commit: "0123456789abcdef",
                outgoing: "r1",
                commits: [],
                files: [],
                fileCount: 0,
                services: [],
                routes: [:],
                domain: nil,
                ports: [:],
                migrations: [],
                backups: [],
                strategy: "blue-green",
                steps: [],
                wayBack: "",
            ),
            approvals: [
                ApprovalView(
                    by: "bea",
                    at: begin.addingTimeInterval(6),
                    from: "10.0.0.7",
                    plan: "3f9c2ab01d77e0e1",
                    comment: "go",
                )
            ],
            traffic: [
                "green": TrafficView(served: 10, failed: 5), "blue": TrafficView(served: 100, failed: 0),
            ],
        )
    }
}
