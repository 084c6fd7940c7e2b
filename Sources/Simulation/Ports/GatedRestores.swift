// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import TestSupport

/// Databases that take each other's place, as one control plane reaches them.
struct GatedRestores: DatabaseRestores {
    let gate: Gate

    private var restores: ScriptedRestores { ScriptedRestores(gate.run.world) }

    func prepare(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        try await gate.pass("prepare for \(deployment)") {
            try await restores.prepare(restoration, of: accessory, for: deployment)
        }
    }

    func shut(_ accessory: AccessorySpecification) async throws {
        try await gate.pass("shut") { try await restores.shut(accessory) }
    }

    func exchange(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        try await gate.pass("exchange for \(deployment)") {
            try await restores.exchange(restoration, of: accessory, for: deployment)
        }
    }

    func takeBack(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws {
        try await gate.pass("take back \(deployment)") {
            try await restores.takeBack(restoration, of: accessory, for: deployment)
        }
    }
}
