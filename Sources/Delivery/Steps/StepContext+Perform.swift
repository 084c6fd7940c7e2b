// SPDX-License-Identifier: Apache-2.0

extension StepContext {
    /// Runs the effect of a step.
    func perform(_ step: Step) async throws -> StepResult {
        switch step {
        case .preflight: try await PreflightGate(context: self).perform()
        case .build: try await BuildStep(context: self).perform()
        case .test: try await TestGate(context: self).perform()
        case .plan: try await PlanStep(context: self).perform()
        case .approval: .done
        case .backup: try await BackupStep(context: self).perform()
        case .drill: try await DrillGate(context: self).perform()
        case .start: try await StartStep(context: self).perform()
        case .health: try await HealthGate(context: self, step: .health).perform()
        case .close: try await CloseStep(context: self).perform()
        case .migrate: try await MigrateStep(context: self).perform()
        case .revert: try await RevertStep(context: self).perform()
        case .healthAfterMigration:
            try await HealthGate(context: self, step: .healthAfterMigration).perform()
        case .smoke: try await SmokeGate(context: self).perform()
        case .shift(let percent): try await ShiftStep(context: self, percent: percent).perform()
        case .drain:
            try await DrainStep(context: self, slot: deployment.outgoing?.slot ?? slot.other).perform()
        case .canary: try await StabilityGate(context: self, step: step).perform()
        case .stability: try await StabilityGate(context: self, step: step).perform()
        case .external: try await ExternalCheck(context: self).perform()
        case .restore: try await PrepareRestoreStep(context: self).perform()
        case .shut: try await ShutStep(context: self).perform()
        case .exchange: try await ExchangeStep(context: self).perform()
        case .restart: try await RestartStep(context: self).perform()
        }
    }
}
