// SPDX-License-Identifier: Apache-2.0
import Core

/// A health check must be able to pass.
enum HealthTimeCheck {
    /// Reports health checks whose answers can't come in time.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        for service in manifest.services {
            let path = ManifestPath("services", service.name.rawValue, "health")
            let least = service.health.interval * (service.health.successes - 1)
            guard least >= service.health.within, !log.isBroken(path) else { continue }
            let answers =
                "\(service.health.successes) answers with \(DurationText.of(service.health.interval)) between"
            let message = "\(path) can't pass within \(DurationText.of(service.health.within))"
            let hint = "\(answers) take \(DurationText.of(least)); give it longer with 'within'"
            let within = path.key("within")
            log.report(
                log.says(within) ? log.place(of: within) : log.keyPlace(of: path),
                message,
                hint: hint,
            )
        }
    }
}
