// SPDX-License-Identifier: Apache-2.0
import Core

/// Environments of a project share one server: a port, branch or domain belongs to one of them.
enum UniquenessCheck {
    /// Reports what two environments, or two of an environment's parts, claim.
    static func run(_ manifest: ProjectManifest, _ log: ReadingLog) {
        let environments = manifest.environments.map {
            ($0, ManifestPath("environments", $0.name.rawValue))
        }
        let branches = environments.map { (path: $1.key("branch"), value: $0.branch) }
        check(branches, log) { "a push to \($0) would deploy to \($1.parent) as well" }
        let domains = environments.map { (path: $1.key("domain"), value: $0.domain) }
        check(domains, log) { "\($0) is the domain of \($1.parent) too" }
        let ports = environments.flatMap { environment, path in
            environment.ports.map { (path: path.key("ports").key($0.key), value: Optional($0.value)) }
        }
        check(ports, log) { "\($0) is also the port of \($1)" }
    }

    private static func check<Value: Hashable>(
        _ claims: [(path: ManifestPath, value: Value?)],
        _ log: ReadingLog,
        message: (Value, ManifestPath) -> String,
    ) {
        var first: [Value: ManifestPath] = [:]
        for claim in claims.sorted(by: { before($0.path, $1.path, log) }) {
            guard let value = claim.value, log.says(claim.path) else { continue }
            if let earlier = first[value] {
                let hint = "first at \(log.place(of: earlier))"
                log.report(log.place(of: claim.path), message(value, earlier), hint: hint)
            } else {
                first[value] = claim.path
            }
        }
    }

    private static func before(_ one: ManifestPath, _ other: ManifestPath, _ log: ReadingLog) -> Bool {
        (log.place(of: one), one.description) < (log.place(of: other), other.description)
    }
}
