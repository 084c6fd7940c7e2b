// SPDX-License-Identifier: Apache-2.0
public import Core
import Manifest

extension DeliveryPorts {
    /// Knows what the services of an environment know and nobody may read: how their databases are reached, now and
    /// under the releases before (Invariant 8).
    public func redaction(of key: EnvironmentKey) async throws -> Redaction {
        var secrets: [Secret] = []
        for accessory in Set(try await records.releases(of: key, limit: 50).flatMap(\.manifest.accessories)) {
            if case .container(let kept) = accessory.kind {
                // Known without the engine, which may be down when somebody reads why.
                secrets += kept.secrets.map { Secret($0) }
                continue
            }
            let specification = AccessorySpecification(environment: key, manifest: accessory, port: 0)
            guard let address = try await accessories.address(of: specification) else { continue }
            secrets += address.secrets
        }
        return Redaction(secrets)
    }
}
