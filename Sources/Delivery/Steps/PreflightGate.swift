// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// Gate: the machine has what the deployment needs, and the environment's accessories answer.
struct PreflightGate {
    let context: StepContext

    func perform() async throws -> StepResult {
        try checkAddress()
        // What runs already needs none of them to have traffic again.
        if !context.deployment.isWarm { try await checkVersions() }
        // What is built already needs no room, and the disk may be full because of what it is to replace.
        if context.release.builtAt == nil { try await checkDisk() }
        // What runs already has its memory.
        if !context.deployment.isWarm { try await checkMemory() }
        try await checkPorts()
        for accessory in context.manifest.accessories { try await ensure(accessory) }
        return .done
    }

    /// A release that nobody could reach would pass every gate after this one.
    private func checkAddress() throws {
        let routed = context.manifest.services.filter { !$0.routes.isEmpty }.map(\.name)
        guard context.environment.domain == nil,
            let first = routed.first(where: { context.environment.ports[$0.rawValue] == nil })
        else { return }
        let place = "environments.\(context.key.environment)"
        throw Failure(
            .invalidManifest,
            "nobody could reach \(first): \(place) has no domain and no port for it",
            hint: "say '\(place).domain' in opshub.yml, or '\(place).ports: { \(first): 8000 }'",
        )
    }

    /// Before anything is made that needs them.
    private func checkVersions() async throws {
        var versions = try await context.ports.host.programs()
        for accessory in context.manifest.accessories {
            versions.append(
                "\(try await context.ports.accessories.version(of: accessory)) for \(accessory.name)"
            )
        }
        if context.manifest.services.contains(where: { $0.container != nil }) {
            versions.append(try await context.ports.images.engine())
        }
        await context.tell(.note(.preflight, versions.joined(separator: ", ")))
    }

    private func checkDisk() async throws {
        let (settings, ports) = (context.settings, context.ports)
        let available = try await ports.host.availableDisk(at: settings.layout.root)
        guard available >= settings.minimumDisk else {
            throw Failure(
                .diskFull,
                "\(settings.layout.root) has \(available) free, a deployment needs \(settings.minimumDisk)",
                hint:
                    "free some space (du -sh \(settings.layout.root)/projects/*/*/* shows where it went), then deploy again",
            )
        }
        await context.tell(.note(.preflight, "\(available) of disk free"))
    }

    /// Both releases run side by side until the outgoing one is retired; what that one uses is used already.
    ///
    /// Limits say what services may use at most, not what they need, so that they are told and not demanded.
    private func checkMemory() async throws {
        let available = try await context.ports.host.availableMemory()
        let needed = context.settings.minimumMemory
        guard available >= needed else {
            throw Failure(
                .memoryLow,
                "\(available) of memory are available, a deployment needs \(needed) beside what serves",
                hint: "see what uses it: ps aux --sort=-rss | head",
            )
        }
        // In fractions: what a manifest says may be more than fits into a whole number.
        let limits = context.manifest.services.map { service in
            Double(service.limits.memory.bytes) * Double(context.replicas(of: service))
        }
        let may = ByteCount(Int64(exactly: limits.reduce(0, +).rounded()) ?? .max)
        await context.tell(
            .note(
                .preflight,
                "\(available) of memory available, the release may use \(may)\(may > available ? ", which is MORE" : "")",
            )
        )
    }

    private func checkPorts() async throws {
        let listens = try await context.ports.router.observe(context.key)?.listens ?? []
        await context.tell(.note(.preflight, "the edge answers"))
        for service in context.manifest.services {
            guard let port = context.environment.ports[service.name.rawValue], !listens.contains(port),
                let holder = try await context.ports.host.holder(ofPort: port)
            else { continue }
            throw Failure(
                .portTaken,
                "port \(port) of \(service.name) in \(context.key) is taken by \(holder)",
                hint:
                    "stop it, or give \(service.name) another port in opshub.yml (environments.\(context.key.environment).ports)",
            )
        }
    }

    private func ensure(_ accessory: AccessoryManifest) async throws {
        let (host, accessories) = (context.ports.host, context.ports.accessories)
        var specification = context.specification(
            of: accessory,
            port: context.environment.ports[accessory.name.rawValue] ?? 0,
        )
        let known = try await accessories.address(of: specification)
        if let port = known?.port, specification.port != 0, port != specification.port {
            try await refuseMove(accessory.name, from: port, to: specification.port)
        }
        if specification.port == 0, accessory.isServer {
            specification.port =
                if let port = known?.port { port } else { try await host.freePorts(1, avoiding: [])[0] }
        }
        let address = try await accessories.ensure(specification)
        await context.tell(.note(.preflight, "\(accessory.name) \(address)"))
    }

    /// What serves knows its database by the port that it was started with.
    private func refuseMove(_ accessory: AccessoryName, from old: Int, to new: Int) async throws {
        guard try await context.ports.records.environment(context.key)?.serving != nil else { return }
        throw Failure(
            .conflict,
            "\(accessory) of \(context.key) is in use on port \(old), and opshub.yml says \(new)",
            hint:
                "put \(old) back (environments.\(context.key.environment).ports): a move would cut off what serves",
        )
    }
}
