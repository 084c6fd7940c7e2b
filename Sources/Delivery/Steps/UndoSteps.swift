// SPDX-License-Identifier: Apache-2.0
import Core

/// Takes back what a failed deployment began.
///
/// Each part can be repeated.
struct Undo {
    let context: StepContext

    /// - Returns: What must be kept.
    func perform(_ step: UndoStep) async throws -> StepResult {
        if step == .returnSchema {
            return try await SchemaReturn(context: context).perform()
        }
        try await takeBack(step)
        return .done
    }

    private func takeBack(_ step: UndoStep) async throws {
        switch step {
        case .close:
            try await context.ports.router.direct(.closed, of: context.key)
        case .returnTraffic:
            let outgoing = context.deployment.outgoing?.slot
            try await context.ports.router.direct(outgoing.map { .all($0) } ?? .none, of: context.key)
        case .drainIncoming:
            _ = try await DrainStep(context: context, slot: context.slot).perform()
            try await context.settle(.drain)
        case .stopIncoming:
            // Also what is left of the release that the slot was taken from: nobody counts on it any more.
            for instance in try await context.ports.services.instances(of: context.key)
            where instance.id.slot == context.slot {
                try await context.ports.services.stop(instance.id)
            }
            try await clearSlot()
        case .returnSchema: break
        case .returnDatabase:
            let (restoration, accessory) = try context.restoration()
            try await context.ports.restores.takeBack(
                restoration,
                of: accessory,
                for: context.deployment.id,
            )
            // Whatever may have seen the other data remembers them.
            guard context.mayHaveExchanged else { return }
            try await RestartStep(context: context).restartWhatIsThere()
        }
    }

    /// A slot that has traffic although it should not (somebody changed the edge by hand) is left as it is.
    private func clearSlot() async throws {
        let router = context.ports.router
        guard try await router.observe(context.key)?.split.reaches(context.slot) == false else { return }
        try await router.clear(context.slot, of: context.key)
    }
}

extension StepContext {
    /// Whether a restore that is being undone may have put its data in the database's place.
    fileprivate var mayHaveExchanged: Bool {
        guard case .undoing(_, _, _, let verdict) = deployment.phase else { return false }
        return [.exchange, .restart, .health].contains(verdict.step)
    }
}
