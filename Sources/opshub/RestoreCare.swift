// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery

/// Gives deployments what the data-safety engine does to put other data in a database's place.
struct RestoreCare: DatabaseRestores {
    let restores: Restores

    func prepare(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        let target = try DatabaseCare.target(accessory)
        switch restoration.source {
        case .backup(let id):
            let (found, remarks) = try await restores.prepare(
                BackupID(id),
                for: target,
                order: restoration.order,
                masking: restoration.masking,
            )
            let masked = restoration.masking == nil ? "" : ", then masked"
            let same = target.isTheSame(tables: found.tables.count, rows: found.rows)
            return (["\(same) as when it was taken\(masked)"] + remarks).joined(separator: "; ")
        case .kept(let by, let order):
            guard try await restores.kept(beside: target).contains(order) else {
                throw Failure(.notFound, "\(Restores.keptName(by: order)) is there no more")
            }
            return "as it was when \(by) replaced it"
        }
    }

    func shut(_ accessory: AccessorySpecification) async throws {
        try await restores.shut(DatabaseCare.target(accessory))
    }

    func exchange(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws -> String {
        let kept = Restores.keptName(by: restoration.order)
        try await restores.exchange(
            DatabaseCare.target(accessory),
            with: Self.copy(restoration),
            keeping: kept,
        )
        return kept
    }

    func takeBack(
        _ restoration: Restoration,
        of accessory: AccessorySpecification,
        for deployment: DeploymentID,
    ) async throws {
        try await restores.takeBack(
            DatabaseCare.target(accessory),
            copy: Self.copy(restoration),
            kept: Restores.keptName(by: restoration.order),
        )
    }

    private static func copy(_ restoration: Restoration) -> String {
        switch restoration.source {
        case .backup: Restores.copyName(for: restoration.order)
        case .kept(_, let order): Restores.keptName(by: order)
        }
    }
}
