// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest

/// A gate that could not say: a person decides, unless what is seen meanwhile does.
extension DeploymentDriver {
    func awaitDecision(at step: Step, for deployment: inout Deployment, isResumed: Bool) async throws {
        guard case .awaitingDecision(_, let doubt, _, _) = deployment.phase else { return }
        let askedAt = deployment.decisionAskedAt ?? ports.time.now
        if deployment.decisionAskedAt == nil {
            var asked = deployment
            asked.decisionAskedAt = askedAt
            try await save(asked, journal: [.decisionAsked(step, doubt)])
            deployment = asked
        }
        let context = try await context(of: deployment)
        let policy = context.environment.approval
        let left = policy.expires.inSeconds - ports.time.now.timeIntervalSince(askedAt)
        let begin = ports.time.uptime
        let asked = deployment
        let outcome = try await race(
            deployment,
            unless: { letter in
                guard policy.required, let approval = letter.approval else { return nil }
                return try await refusal(of: approval, policy, asked)
            },
        ) {
            if isResumed { try await ReturnStep(context: context).resume(at: step) }
            // A release that turns out bad does not wait for anybody's answer, nor does one that turns out good.
            let gate = StabilityGate(context: context, step: step, patience: .seconds(max(0, left)))
            return try await gate.perform()
        }
        let took = ports.time.uptime - begin
        switch outcome {
        case .letter(let letter):
            guard let approval = letter.approval else { return try await apply(letter, to: &deployment) }
            do {
                try await apply(.accepted(step), to: &deployment, journal: [.accepted(step, approval)])
            } catch {
                letter.answer(Failure.wrapping(error, doing: "writing that down"))
                throw error
            }
            letter.answer(nil)
        case .result(.success):
            try await apply(.finished(step), to: &deployment, journal: [.finished(step, took: took)])
        case .result(.failure(let failure)) where failure.code == .gateInconclusive:
            let unanswered = Failure(
                .gateInconclusive,
                "\(doubt.message); nobody said within \(policy.expires.briefly) whether it is kept",
                hint: doubt.hint,
            )
            try await fail(step, unanswered, took: took, &deployment)
        case .result(.failure(let failure)):
            try await fail(step, failure, took: took, &deployment)
        }
    }
}
