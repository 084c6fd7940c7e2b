// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Runs the new release's instances in the idle slot and tells the edge where they listen.
///
/// They get no traffic yet.
struct StartStep {
    let context: StepContext

    func perform() async throws -> StepResult {
        try await refuseServingSlot()
        let ports = try await startInstances()
        try await context.ports.router.place(
            SlotPlacement(of: context.release, context.environment, in: context.slot, instances: ports)
        )
        return .done
    }

    /// The edge decides what serves, not our records: a slot that gets requests is never emptied (Invariant 2).
    private func refuseServingSlot() async throws {
        guard let observed = try await context.ports.router.observe(context.key),
            observed.split.reaches(context.slot)
        else { return }
        throw Failure(
            .conflict,
            "the edge sends requests of \(context.key) to \(context.slot), which should be idle (\(observed.split))",
            hint: "opshub status shows what serves; somebody has changed the edge by hand",
        )
    }

    /// Idempotent: an instance of this release that a crashed attempt started keeps its port.
    private func startInstances() async throws -> [ServiceName: [Int]] {
        let present = try await context.ports.services.instances(of: context.key)
        let own = present.filter { $0.id.slot == context.slot && $0.release == context.release.id }
        let strangers = present.filter { $0.id.slot == context.slot && $0.release != context.release.id }
        // Also those of the strangers: a client that still knows one must not meet the new release there.
        let taken = try await knownPorts()
        if !strangers.isEmpty { try await context.settle(.start) }
        for stranger in strangers { try await context.ports.services.stop(stranger.id) }
        let known = Dictionary(own.map { ($0.id, $0.port) }) { first, _ in first }
        let missing = context.instances.count { known[$0.id] == nil }
        var free = try await context.ports.host.freePorts(missing, avoiding: taken)[...]
        var ports: [ServiceName: [Int]] = [:]
        for (service, id) in context.instances {
            guard let port = known[id] ?? free.popFirst() else {
                throw Failure(.portTaken, "no free port is left for \(id)")
            }
            try await DependencyWait(context: context).wait(for: service)
            try await context.start(service, as: id, on: port)
            ports[service.name, default: []].append(port)
        }
        return ports
    }

    /// Those of every instance on the machine, also of one that does not listen at the moment: the edge sends requests there.
    private func knownPorts() async throws -> Set<Int> {
        var known: Set<Int> = []
        for record in try await context.ports.records.environments() {
            known.formUnion(try await context.ports.services.ports(of: record.key))
        }
        return known
    }
}

extension StepContext {
    /// Runs one instance of the release.
    func start(_ service: ServiceManifest, as id: InstanceID, on port: Int) async throws {
        try await ports.services.start(try await specification(of: service, as: id, on: port))
        await tell(.note(.start, service.answers ? "\(id) listens on 127.0.0.1:\(port)" : "\(id) runs"))
    }

    /// Everything that an instance of the release is started with.
    func specification(
        of service: ServiceManifest,
        as id: InstanceID,
        on port: Int,
    ) async throws -> InstanceSpecification {
        InstanceSpecification(
            id: id,
            release: release.id,
            program: service.program,
            image: release.images?[service.name],
            directory: folder(of: service),
            port: port,
            variables: try await variables(of: service),
            limits: service.limits,
        )
    }
}
