// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Manifest

extension DeploymentView {
    /// A deployment as people see it.
    init(_ deployment: Deployment, _ release: Release?) {
        let verdict = deployment.phase.verdict
        self.init(
            state: deployment.phase.inWords,
            id: deployment.id.rawValue,
            project: deployment.environment.project.rawValue,
            environment: deployment.environment.environment.rawValue,
            kind: deployment.kind.rawValue,
            restores: deployment.restoration.map { "\($0.source) into \($0.accessory)" },
            release: deployment.release.rawValue,
            commit: release?.commit.id.rawValue ?? "",
            subject: release?.commit.subject ?? "",
            requestedBy: deployment.requester.name,
            requestedAt: deployment.requestedAt,
            endedAt: deployment.concludedAt,
            step: deployment.phase.step,
            isOver: deployment.isOver,
            failure: verdict?.failure,
            undone: verdict?.undone.map(\.description) ?? [],
            plan: deployment.plan.map { PlanView($0) },
            approvals: deployment.approvals.map {
                ApprovalView(
                    by: $0.by,
                    at: $0.at,
                    from: $0.from,
                    plan: $0.digest.rawValue,
                    comment: $0.comment,
                )
            },
            traffic: deployment.traffic.map { slots in
                Dictionary(
                    uniqueKeysWithValues: slots.map { slot in
                        (
                            slot.key.rawValue,
                            TrafficView(served: slot.value.served, failed: slot.value.failed),
                        )
                    }
                )
            },
        )
    }
}

extension Phase {
    /// One word for people.
    var inWords: String {
        switch self {
        case .queued: "queued"
        case .performing: "running"
        case .awaitingApproval: "awaiting-approval"
        case .awaitingDecision: "awaiting-decision"
        case .undoing: "undoing"
        case .ended(let verdict): verdict.outcome.rawValue
        }
    }

    /// The step that runs, or that it ended at.
    var step: String? {
        switch self {
        case .queued: nil
        case .performing(let step, _, _): step.description
        case .awaitingApproval: Step.approval.description
        case .awaitingDecision(let step, _, _, _): step.description
        case .undoing(let step, _, _, _): step.description
        case .ended(let verdict): verdict.step?.description
        }
    }
}

extension PlanView {
    /// A plan as people see it.
    init(_ plan: Plan, expected: Duration? = nil) {
        let content = plan.content
        self.init(
            digest: plan.digest.rawValue,
            project: content.environment.project.rawValue,
            environment: content.environment.environment.rawValue,
            kind: content.kind.rawValue,
            commit: content.commit.id.rawValue,
            outgoing: content.outgoing?.rawValue,
            commits: content.commits.map {
                CommitView(id: $0.id.rawValue, subject: $0.subject, author: $0.author)
            },
            files: content.files,
            fileCount: content.fileCount,
            services: content.services.map { service in
                PlannedServiceView(
                    name: service.name.rawValue,
                    replicas: service.replicas,
                    memory: Int64(service.memory.bytes),
                    variables: service.variables.map {
                        PlannedVariableView(name: $0.name, version: $0.version, outgoing: $0.outgoing)
                    },
                )
            },
            routes: content.routes.mapValues(\.rawValue),
            domain: content.domain,
            ports: content.ports,
            migrations: content.migrations.map(\.inWords),
            backups: content.backups.map(\.rawValue),
            strategy: content.strategy.rawValue,
            steps: content.steps.map(\.description),
            wayBack: content.wayBack,
            expectedSeconds: expected?.inSeconds,
            verdicts: plan.verdicts?.map { MigrationVerdictView($0) },
            refusals: plan.refusals,
            reverts: content.reverts?.map(\.inWords),
        )
    }
}

extension MigrationVerdictView {
    /// A verdict as people see it.
    init(_ verdict: MigrationVerdict) {
        self.init(
            revision: verdict.revision,
            verdict: verdict.inWords,
            findings: verdict.findings.map {
                Finding(hazard: $0.hazard.rawValue, sentence: $0.sentence, advice: $0.advice)
            },
            remark: verdict.remark,
        )
    }
}

extension RollbackAnswerView {
    /// An answer as people see it.
    init(_ answer: RollbackAnswer, commit: String) {
        self.init(
            way: answer.way.rawValue,
            release: answer.release.rawValue,
            commit: commit,
            serving: answer.serving.rawValue,
            until: answer.until,
            migrations: answer.migrations.map(\.inWords),
            backup: answer.backup,
            losesSince: answer.losesSince,
            reasons: answer.reasons,
        )
    }
}

extension PendingMigration {
    /// Revision and title.
    fileprivate var inWords: String { title.isEmpty ? revision : "\(revision) \(title)" }
}

extension JournalLine {
    /// A journal entry as people see it.
    init(_ entry: JournalEntry) {
        self.init(sequence: entry.sequence, at: entry.at, kind: .note, text: "")
        switch entry.event {
        case .requested(let requester):
            (kind, text) = (.requested, "asked for by \(requester.name) (\(requester.channel.rawValue))")
        case .started(let step):
            (kind, self.step, text) = (.started, step.description, step.description)
        case .output(let step, let line):
            (kind, self.step, text) = (.output, step.description, line)
        case .note(let step, let line):
            (kind, self.step, text) = (.note, step.description, line)
        case .finished(let step, let took):
            (kind, self.step, text) = (.finished, step.description, step.description)
            tookMilliseconds = took.inMilliseconds
        case .failed(let step, let failure, let took):
            (kind, self.step, text) = (.failed, step.description, failure.message)
            (tookMilliseconds, self.failure) = (took.inMilliseconds, failure)
        case .approvalAsked(let digest):
            (kind, self.step, text) = (.approvalAsked, Step.approval.description, digest.rawValue)
        case .approved(let approval):
            (kind, self.step) = (.approved, Step.approval.description)
            text = "approved by \(approval.inWords)"
        case .measured(let step, let evidence):
            (kind, self.step, measured) = (.measured, step.description, StabilityView(evidence))
            text =
                evidence.incoming.inWords
                + (evidence.outgoing.map { "; the outgoing release: \($0.inWords)" } ?? "")
        case .decisionAsked(let step, let failure):
            (kind, self.step, text) = (.decisionAsked, step.description, failure.message)
            self.failure = failure
        case .accepted(let step, let approval):
            (kind, self.step, text) = (.accepted, step.description, "kept by \(approval.inWords)")
        case .approvalLapsed(let digest):
            (kind, self.step) = (.approvalLapsed, Step.approval.description)
            text = "plan \(digest.short) no longer holds; the present one waits for a yes"
        case .undoing(let step, let attempt):
            (kind, self.step) = (.undoing, step.description)
            text = attempt == 1 ? step.description : "\(step.description) (attempt \(attempt))"
        case .undone(let step, let took):
            (kind, self.step, text) = (.undone, step.description, step.description)
            tookMilliseconds = took.inMilliseconds
        case .undoFailed(let step, let failure):
            (kind, self.step, text, self.failure) = (.undoFailed, step.description, failure.message, failure)
        case .resumed:
            (kind, text) = (.resumed, "the control plane was started again and goes on")
        case .ended(let verdict):
            (kind, self.step, text) = (.ended, verdict.step?.description, verdict.outcome.rawValue)
            (failure, outcome) = (verdict.failure, verdict.outcome.rawValue)
        case .drifted(let found):
            (kind, text) = (.drifted, "has drifted: \(found.map(\.text).joined(separator: "; "))")
        case .healed(let found):
            (kind, text) = (.healed, "put right: \(found.map(\.text).joined(separator: "; "))")
        }
    }
}

extension Approval {
    /// Who, from where, with which words.
    fileprivate var inWords: String {
        "\(by)\(from.map { " from \($0)" } ?? "")\(comment.map { ": \($0)" } ?? "")"
    }
}

extension StabilityView {
    /// What a gate has seen as people see it.
    fileprivate init(_ evidence: StabilityEvidence) {
        self.init(
            seconds: evidence.window.inSeconds,
            incoming: Measured(evidence.incoming),
            outgoing: evidence.outgoing.map { Measured($0) },
        )
    }
}

extension StabilityView.Measured {
    fileprivate init(_ measured: StabilityEvidence.Measured) {
        self.init(
            requests: measured.requests,
            failed: measured.failed,
            probes: measured.probes,
            failedProbes: measured.failedProbes,
            milliseconds: measured.latency.map {
                [
                    "p50": $0.p50.asMilliseconds, "p95": $0.p95.asMilliseconds,
                    "p99": $0.p99.asMilliseconds,
                ]
            },
            probeP95Milliseconds: measured.probeP95?.asMilliseconds,
            flaps: measured.flaps,
            memory: measured.memory.map {
                .init(instance: $0.instance, before: $0.before?.bytes, after: $0.after?.bytes)
            },
        )
    }
}

extension Duration {
    /// To the microsecond.
    fileprivate var asMilliseconds: Double { (inSeconds * 1_000_000).rounded() / 1000 }
}

extension InstanceView {
    /// An instance as people see it.
    init(_ status: InstanceStatus) {
        let state =
            switch status.state {
            case .running: "running"
            case .restarting: "restarting"
            case .stopped: "stopped"
            }
        self.init(
            service: status.id.service.rawValue,
            replica: status.id.replica,
            slot: status.id.slot.rawValue,
            release: status.release.rawValue,
            port: status.port,
            state: state,
            exits: status.exits,
        )
    }
}
