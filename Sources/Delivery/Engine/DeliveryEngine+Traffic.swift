// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

extension DeliveryEngine {
    /// What the edge should be doing by the records and by what is in the slots: for an edge that has lost its own memory.
    ///
    /// A deployment that is under way moves traffic from there on when it is resumed.
    public func lastTraffic() async throws -> [EnvironmentTraffic] {
        var all: [EnvironmentTraffic] = []
        let maintained = try await ports.records.unfinishedDeployments().filter(\.closes)
        for record in try await ports.records.environments() {
            let instances = try await ports.services.instances(of: record.key)
            var placements: [SlotPlacement] = []
            for slot in Slot.allCases {
                let inSlot = instances.filter { $0.id.slot == slot }
                guard let release = try await release(in: slot, record, inSlot),
                    let environment = release.manifest.environment(record.key.environment)
                else { continue }
                let own = inSlot.filter { $0.release == release.id }
                placements.append(
                    SlotPlacement(of: release, environment, in: slot, instances: Self.ports(of: own))
                )
            }
            let serving = placements.first { $0.slot == record.serving?.slot }
            var split = serving.map { TrafficSplit.all($0.slot) } ?? .none
            // What served does not bear the schema any more, and no later step would take the traffic from it.
            if let current = maintained.first(where: { $0.environment == record.key }) {
                if current.phase.isInMaintenance { split = .closed }
                if current.phase.hasSwitched, let slot = current.slot { split = .all(slot) }
            }
            all.append(EnvironmentTraffic(environment: record.key, split: split, placements: placements))
        }
        return all.filter { !$0.placements.isEmpty }
    }

    /// The release that a slot is there for: the recorded one, or else the one whose instances are in it.
    private func release(
        in slot: Slot,
        _ record: EnvironmentRecord,
        _ instances: [InstanceStatus],
    ) async throws -> Release? {
        let recorded = [record.serving, record.warm].compactMap(\.self).first { $0.slot == slot }
        guard
            let id = instances.first(where: { $0.release == recorded?.release })?.release
                ?? instances.first?.release
        else { return nil }
        return try await ports.records.release(id)
    }

    private static func ports(of instances: [InstanceStatus]) -> [ServiceName: [Int]] {
        instances.sorted { $0.id.replica < $1.id.replica }
            .reduce(into: [:]) { $0[$1.id.service, default: []].append($1.port) }
    }
}

extension SlotPlacement {
    /// A release in a slot, with the addresses that its manifest gives it in an environment.
    init(
        of release: Release,
        _ environment: EnvironmentManifest,
        in slot: Slot,
        instances: [ServiceName: [Int]],
    ) {
        // What answers nothing is nothing that the edge could lead to.
        let answering = Set(release.manifest.services.filter(\.answers).map(\.name))
        // Ports of accessories are named in the same place.
        let ports = release.manifest.services.compactMap { service in
            environment.ports[service.name.rawValue].map { (service.name, $0) }
        }
        self.init(
            environment: release.environment,
            slot: slot,
            release: release.id,
            instances: instances.filter { answering.contains($0.key) },
            routes: release.manifest.routes,
            domain: environment.domain,
            isSticky: environment.strategy == .canary && environment.canary.sticky,
            ports: Dictionary(ports) { first, _ in first },
        )
    }
}

extension ProjectManifest {
    /// The service of each route.
    var routes: [String: ServiceName] {
        let routes = services.flatMap { service in service.routes.map { ($0, service.name) } }
        return Dictionary(routes) { first, _ in first }
    }
}
