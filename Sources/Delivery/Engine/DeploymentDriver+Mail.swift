// SPDX-License-Identifier: Apache-2.0
import Core

/// What is said to a deployment from outside while it does something.
extension DeploymentDriver {
    enum Outcome: Sendable {
        case result(Result<StepResult, Failure>)
        case letter(Mailbox.Letter)
    }

    /// Runs `body` and listens; a letter that the machine takes ends `body`, any other is answered and `body` goes on.
    func race(
        _ deployment: Deployment,
        doing what: String = "the step",
        unless refusal: @escaping @Sendable (Mailbox.Letter) async throws -> Failure? = { _ in nil },
        body: @escaping @Sendable () async throws -> StepResult,
    ) async throws -> Outcome {
        let outcome = await withTaskGroup(of: Outcome?.self) { group in
            group.addTask(name: "step of \(deployment.id)") {
                do {
                    return .result(.success(try await body()))
                } catch {
                    return .result(.failure(Failure.wrapping(error, doing: what)))
                }
            }
            group.addTask(name: "mail of \(deployment.id)") {
                await acceptableLetter(for: deployment, unless: refusal)
            }
            // The mail's nil means that the control plane stops; then the step ends by cancellation too.
            let first = await group.next() ?? nil
            group.cancelAll()
            for await other in group {
                // Read at the same moment as the step ended: it is about what comes next.
                if case .letter(let letter) = other { mailbox.post(letter) }
            }
            return first
        }
        guard !Task.isCancelled, let outcome else {
            if case .letter(let letter)? = outcome {
                letter.answer(Failure(.cancelled, "the control plane stops"))
            }
            throw CancellationError()
        }
        return outcome
    }

    private func acceptableLetter(
        for deployment: Deployment,
        unless refusal: @Sendable (Mailbox.Letter) async throws -> Failure?,
    ) async -> Outcome? {
        while let letter = await mailbox.next() {
            var machine = deployment.machine
            do {
                _ = try machine.apply(letter.event)
                guard let refused = try await refusal(letter) else { return .letter(letter) }
                letter.answer(refused)
            } catch let illegal as IllegalTransition {
                letter.answer(Failure(.conflict, illegal.inWords(of: deployment)))
            } catch {
                letter.answer(Failure.wrapping(error, doing: "looking who may say that"))
            }
        }
        return nil
    }
}

extension IllegalTransition {
    /// Why an order from outside can't be followed now.
    func inWords(of deployment: Deployment) -> String {
        switch phase {
        case .queued: "\(deployment.id) has not begun yet"
        case .performing(let step, _, let progress) where progress.hasSwitched:
            "\(deployment.id) has switched already (at the \(step)); it runs to its end, or you cancel it: opshub cancel \(deployment.id)"
        case .performing(let step, _, let progress) where progress.mayReplaceDatabase:
            "\(deployment.id) restores a database (at: \(step)); it runs to its end, or you cancel it: opshub cancel \(deployment.id)"
        case .performing(let step, _, _): "\(deployment.id) is at the \(step)"
        case .awaitingApproval(let digest, _, _):
            "\(deployment.id) waits for an approval of plan \(digest.short)"
        case .awaitingDecision(let step, _, _, _):
            "\(deployment.id) waits for a person's decision at the \(step)"
        case .undoing(let step, _, _, _): "\(deployment.id) is being undone (\(step))"
        case .ended(let verdict): "\(deployment.id) is over (\(verdict.outcome.rawValue))"
        }
    }
}
