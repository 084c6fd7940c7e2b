// SPDX-License-Identifier: Apache-2.0
import Core
import Manifest

/// What a step knows and may use.
struct StepContext: Sendable {
    /// As it was when the step began.
    let deployment: Deployment
    /// The release that shall serve.
    let release: Release
    /// The environment as that release describes it.
    let environment: EnvironmentManifest
    /// Where the release runs.
    let slot: Slot
    let ports: DeliveryPorts
    let settings: DeliverySettings
    /// Writes a line for people to follow.
    ///
    /// A line that can't be written changes nothing (Invariant 5).
    let tell: @Sendable (JournalEvent) async -> Void

    var key: EnvironmentKey { deployment.environment }
    var manifest: ProjectManifest { release.manifest }
    var folder: String { settings.layout.release(release.id.rawValue, of: key) }

    /// How many instances of a service run here.
    func replicas(of service: ServiceManifest) -> Int {
        environment.replicas[service.name.rawValue] ?? service.replicas
    }

    /// A service's folder in the built release.
    func folder(of service: ServiceManifest) -> String {
        service.path == "." ? folder : "\(folder)/\(service.path)"
    }

    /// Every instance that the release has in its slot, by service and replica.
    var instances: [(service: ServiceManifest, id: InstanceID)] {
        manifest.services.flatMap { service in
            (1...max(1, replicas(of: service))).map { (service, InstanceID(key, slot, service.name, $0)) }
        }
    }

    /// The instances of the release as they run now; throws when one is missing.
    func running() async throws -> [(service: ServiceManifest, status: InstanceStatus)] {
        var found: [(ServiceManifest, InstanceStatus)] = []
        for (service, id) in instances {
            guard let status = try await ports.services.status(of: id), status.release == release.id else {
                throw Failure(
                    .serviceExited,
                    "instance \(id) of release \(release.id) does not run",
                    hint: "somebody has stopped it by hand, or the machine has; deploy again",
                )
            }
            found.append((service, status))
        }
        return found
    }

    /// What speaks against a container by its own health check, as the middle of a sentence; nil for nothing.
    func containerDoubt(_ id: InstanceID) async throws -> String? {
        guard let status = try await ports.services.status(of: id) else { return "is gone" }
        switch (status.state, status.check) {
        case (.stopped, _): return "has ended: \(status.lastExit ?? "nobody knows how")"
        case (.restarting, _): return "ends again and again: \(status.lastExit ?? "nobody knows how")"
        case (.running, .starting): return "has a health check that has not said yes yet"
        case (.running, .unhealthy(let output)):
            let said = output.isEmpty ? "" : ": \(output.prefix(200))"
            return "has a health check that says no" + said
        case (.running, .healthy), (.running, nil): return nil
        }
    }

    /// The end of an instance's log, as evidence.
    func logTail(of id: InstanceID, lines: Int = 8) async -> [String] {
        // Evidence is best effort: a log that can't be read must not hide the failure that it would explain.
        do {
            let page = try await ports.services.log(of: id, after: nil, limit: lines)
            guard !page.lines.isEmpty else { return ["(\(id) wrote nothing)"] }
            let redact = try await ports.redaction(of: key)
            return ["last lines of \(id):"] + page.lines.map { "  " + redact($0.text) }
        } catch {
            return ["(the log of \(id) can't be read)"]
        }
    }
}

/// What a step found out that must be kept with the deployment.
struct StepResult: Sendable {
    var plan: Plan?
    var backups: [BackupReceipt]?
    var release: Release?
    /// Whether what was taken back of the schema is there again.
    var isSchemaBack = false

    /// Nothing to keep.
    static let done = StepResult()
}
