// SPDX-License-Identifier: Apache-2.0
import Core

/// Mistakes that compose lets through and that hurt in production.
enum ComposeWarnings {
    /// Remarks on them.
    static func run(_ services: [ComposeService], _ result: ComposeAdoption.Result, _ log: ComposeLog) {
        for service in services {
            remarkImage(service, log)
            let adopted = result.services.first {
                $0.container?.image == service.container.image
                    && NameVerdict.suggestion(for: service.name) == $0.name.rawValue
            }
            guard let adopted else { continue }
            remarkCheck(service, adopted, log)
            remarkVolumes(service, log)
            if service.memory == nil {
                log.remark(
                    service.place,
                    "\(service.name) has no limit on memory, and gets \(adopted.limits.memory)",
                    hint:
                        "say deploy.resources.limits.memory, or services.\(adopted.name).limits in opshub.yml",
                )
            }
        }
        remarkPorts(services, log)
    }

    private static func remarkImage(_ service: ComposeService, _ log: ComposeLog) {
        guard case .named(let name) = service.container.image, !name.contains("@") else { return }
        let last = name.split(separator: "/").last ?? ""
        let tag = last.split(separator: ":").dropFirst().first ?? "latest"
        guard tag == "latest" else { return }
        log.remark(
            service.imagePlace,
            "\(service.name) has the image \(name), which is another one every so often",
            hint: "name a version; a release keeps the one that it was built with either way",
        )
    }

    private static func remarkCheck(_ service: ComposeService, _ adopted: ServiceManifest, _ log: ComposeLog)
    {
        guard !service.hasCheck, adopted.health.takesAnyAnswer == true else { return }
        let judged =
            adopted.container?.port == nil
            ? "that it stays up is all that is asked of a new release"
            : "any answer below 500 is taken for health"
        log.remark(
            service.place,
            "\(service.name) has no health check: \(judged)",
            hint: "add a healthcheck, or 'services: { \(adopted.name): { health: /health } }' to opshub.yml",
        )
    }

    /// Two releases run side by side and write to the same volume.
    private static func remarkVolumes(_ service: ComposeService, _ log: ComposeLog) {
        for (mount, place) in zip(service.container.mounts, service.mountPlaces) where !mount.isReadOnly {
            switch mount.source {
            case .volume(let name), .externalVolume(let name):
                log.remark(
                    place,
                    "the volume \(name) is written to by two releases of \(service.name) at once, while one takes over from the other",
                    hint:
                        "if it does not bear that, say 'services: { \(service.name): { accessory: true } }' in opshub.yml",
                )
            case .release(let path):
                log.report(
                    place,
                    "\(service.name) writes to \(path), which is part of the release: it begins anew with each",
                    hint: "use a volume with a name for data, or add ':ro'",
                )
            case .host, .anonymous, .memory, .file: break
            }
        }
    }

    private static func remarkPorts(_ services: [ComposeService], _ log: ComposeLog) {
        var owners: [Int: String] = [:]
        for service in services {
            for port in service.ports {
                guard let published = port.published else { continue }
                if let other = owners[published], other != service.name {
                    log.report(
                        port.place,
                        "\(service.name) and \(other) both publish port \(published)",
                        hint: "give one another",
                    )
                }
                owners[published] = service.name
            }
        }
    }
}
