// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

extension DeliveryEngine {
    /// Puts an earlier state of a database in its place.
    ///
    /// - Parameters:
    ///   - key: Where.
    ///   - restoration: What.
    ///   - requester: Who asks.
    /// - Returns: The deployment, queued; it comes before anything that waits.
    /// - Throws: `conflict` when nothing serves there, or a deployment is under way; `not-found` for an accessory that what
    ///   serves does not have. Nothing has changed then.
    public func restore(
        _ key: EnvironmentKey,
        _ restoration: Restoration,
        requester: Requester,
    ) async throws -> Deployment {
        guard let serving = try await ports.records.environment(key)?.serving,
            let release = try await ports.records.release(serving.release)
        else {
            throw Failure(
                .conflict,
                "nothing serves \(key), so there is no database to restore into",
                hint: "deploy it first: opshub deploy -e \(key.environment)",
            )
        }
        guard release.manifest.accessories.contains(where: { $0.name == restoration.accessory }) else {
            throw Failure(
                .notFound,
                "\(serving.release), which serves \(key), has no accessory \(restoration.accessory)",
            )
        }
        if let busy = try await ports.records.unfinishedDeployments().first(where: { $0.environment == key })
        {
            throw Failure(
                .conflict,
                "\(busy.id) is under way in \(key), and a restore comes between no two of its steps",
                hint:
                    "wait for it (opshub events \(busy.id) --follow), or cancel it: opshub cancel \(busy.id)",
            )
        }
        return try await request(.restore, of: release, in: key, restoration: restoration, requester)
    }
}

extension DeliveryRecords {
    /// Whether a database of an environment was replaced since a moment, or migrations taken back: whatever has run since before it
    /// remembers other data, and may need another schema.
    func wasRestored(_ key: EnvironmentKey, since moment: Date) async throws -> Bool {
        try await deployments(of: key, limit: 500)
            .contains { deployment in
                let isOther =
                    deployment.reverted != nil
                    || (deployment.kind == .restore && deployment.phase.verdict?.outcome == .succeeded)
                return isOther && deployment.concludedAt.map { $0 > moment } == true
            }
    }
}
