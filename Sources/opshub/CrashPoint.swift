// SPDX-License-Identifier: Apache-2.0
#if DEBUG
import Core
import Delivery
import FoundationEssentials
import Glibc

/// Ends this process, as `kill -9` does, when a deployment is about to enter a phase or has just entered it.
///
/// For the end-to-end tests; a release build knows nothing of it. `OPSHUB_TEST_CRASH` is `before` or `after`, a blank, and
/// the phase: a step as people read it, `undo` and a step back, `verdict` or `end`.
struct CrashPoint: DeliveryLedger {
    let ledger: any DeliveryLedger
    private let moment: String
    private let phase: String

    /// Nil when no crash is wanted.
    init?(_ ledger: any DeliveryLedger) {
        let words = ProcessInfo.processInfo.environment["OPSHUB_TEST_CRASH"]?
            .split(separator: " ", maxSplits: 1).map(String.init)
        guard let words, words.count == 2 else { return nil }
        (self.ledger, moment, phase) = (ledger, words[0], words[1])
    }

    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry] {
        if enters(change), moment == "before" { die() }
        let written = try await ledger.commit(change, lease: lease)
        if enters(change), moment == "after" { die() }
        return written
    }

    private func enters(_ change: DeliveryChange) -> Bool {
        guard let deployment = change.deployment else { return false }
        return switch deployment.phase {
        case .queued: phase == "queued"
        case .performing(let step, _, _): phase == "\(step)"
        case .awaitingApproval: phase == "\(Step.approval)"
        case .awaitingDecision: phase == "decision"
        case .undoing(let step, _, _, _): phase == "undo \(step)"
        case .ended: phase == (deployment.isOver ? "end" : "verdict")
        }
    }

    private func die() {
        kill(getpid(), SIGKILL)
        while true { pause() }
    }

    func order(_ change: DeliveryChange) async throws -> [JournalEntry] { try await ledger.order(change) }

    func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease {
        try await ledger.claim(environment, for: holder, at: now, until: until)
    }

    func renew(_ lease: Lease, until: Date) async throws { try await ledger.renew(lease, until: until) }

    func release(_ lease: Lease) async throws { try await ledger.release(lease) }

    func number(_ sequence: NumberSequence) async throws -> Int { try await ledger.number(sequence) }

    func makeRoom() async { await ledger.makeRoom() }

    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws {
        try await ledger.tell(event, of: deployment, at: at, lease: lease)
    }
}
#endif
