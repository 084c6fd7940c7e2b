// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// Waiting for people: who may say yes, how many must, and to what.
extension DeploymentDriver {
    func awaitApproval(
        of digest: PlanDigest,
        for deployment: inout Deployment,
        isResumed: Bool,
    ) async throws {
        let askedAt = deployment.approvalAskedAt ?? ports.time.now
        if deployment.approvalAskedAt == nil {
            var asked = deployment
            asked.approvalAskedAt = askedAt
            try await save(asked, journal: [.approvalAsked(digest)])
            deployment = asked
        }
        let policy = try await context(of: deployment).environment.approval
        let left = policy.expires.inSeconds - ports.time.now.timeIntervalSince(askedAt)
        let key = deployment.environment
        let waiting = deployment
        let outcome = try await race(deployment) {
            if isResumed { await self.prepareAgain(waiting) }
            var left = Duration.seconds(max(0, left))
            while left > .zero {
                let pause = min(left, settings.driftInterval)
                try await ports.time.sleep(for: pause)
                left -= pause
                await whileWaiting(key)
            }
            return StepResult.done
        }
        switch outcome {
        case .letter(let letter):
            guard let approval = letter.approval else { return try await apply(letter, to: &deployment) }
            do {
                letter.answer(try await take(approval, policy, for: &deployment))
            } catch {
                letter.answer(Failure.wrapping(error, doing: "writing that down"))
                throw error
            }
        case .result:
            let failure = Failure(
                .conflict,
                "nobody approved \(deployment.id) within \(policy.expires.briefly)",
                hint: "deploy again: opshub deploy -e \(deployment.environment.environment)",
            )
            try await apply(.rejected(failure), to: &deployment)
        }
    }

    /// What the plan is worked out with must be there when somebody says yes; where it is not, that yes says why.
    private func prepareAgain(_ deployment: Deployment) async {
        do {
            try await ReturnStep(context: try await context(of: deployment)).resume(at: .approval)
        } catch {
            let failure = Failure.wrapping(error, doing: "going on with \(deployment.id)")
            await tell(.note(.approval, failure.message), of: deployment.id)
        }
    }

    /// Counts a person's yes; the last one that is needed lets the deployment go on.
    ///
    /// - Returns: Why it does not count; then the deployment waits on.
    private func take(
        _ approval: Approval,
        _ policy: ApprovalManifest,
        for deployment: inout Deployment,
    ) async throws -> Failure? {
        do {
            if let refusal = try await refusal(of: approval, policy, deployment) { return refusal }
            if let repetition = repetition(of: approval, policy, deployment) { return repetition }
        } catch {
            return Failure.wrapping(error, doing: "looking who may approve")
        }
        // What the person has seen may be hours old (Invariant 9).
        var plan: Plan
        do {
            let step = PlanStep(context: try await context(of: deployment))
            plan = try await step.plan(verdicts: deployment.plan?.verdicts ?? [])
            if plan.digest != approval.digest { plan = try await step.plan() }
        } catch {
            return Failure.wrapping(error, doing: "looking whether the plan still holds")
        }
        var changed = deployment
        guard plan.digest == approval.digest else {
            (changed.plan, changed.approvals, changed.approvalAskedAt) = (plan, [], nil)
            if let refused = plan.refusal(in: deployment.environment) {
                try await apply(
                    .rejected(refused),
                    to: &changed,
                    journal: [.approvalLapsed(approval.digest)],
                )
                deployment = changed
                return refused
            }
            try await apply(
                .planned(next: plan.content.steps, digest: plan.digest),
                to: &changed,
                journal: [.approvalLapsed(approval.digest)],
            )
            deployment = changed
            return Failure(
                .conflict,
                "what \(deployment.id) would do has changed since it was planned; nobody has approved plan \(plan.digest.short)",
                hint: "look at it: opshub events \(deployment.id), then opshub approve \(deployment.id)",
            )
        }
        changed.approvals.append(approval)
        if changed.approvals.count < policy.count {
            try await save(changed, journal: [.approved(approval)])
        } else {
            try await apply(.approved(approval.digest), to: &changed, journal: [.approved(approval)])
        }
        deployment = changed
        return nil
    }

    /// Why somebody's word does not count for this deployment; nil when it does.
    func refusal(
        of approval: Approval,
        _ policy: ApprovalManifest,
        _ deployment: Deployment,
    ) async throws -> Failure? {
        let role = try await ports.people.people().role(of: approval.by)
        guard role.counts(in: policy.by) else {
            return Failure(
                .conflict,
                "\(approval.by) is \(role.rawValue), and \(deployment.id) needs the yes of \(policy.by.joined(separator: " or "))",
                hint: "opshub people list shows who that is",
            )
        }
        guard !policy.own, approval.by == deployment.requester.name else { return nil }
        return Failure(
            .conflict,
            "\(approval.by) asked for \(deployment.id) and can't be the one who approves it",
            hint:
                "ask somebody else, or say own: true at environments.\(deployment.environment.environment).approval in opshub.yml",
        )
    }

    private func repetition(
        of approval: Approval,
        _ policy: ApprovalManifest,
        _ deployment: Deployment,
    ) -> Failure? {
        guard deployment.approvals.contains(where: { $0.by == approval.by }) else { return nil }
        return Failure(
            .conflict,
            "\(approval.by) has approved \(deployment.id) already; \(policy.count) people must",
            hint: "ask somebody else",
        )
    }
}
