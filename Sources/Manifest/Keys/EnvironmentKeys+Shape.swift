// SPDX-License-Identifier: Apache-2.0
import Core

extension EnvironmentKeys {
    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { branch: main }",
        keys: [
            compose.description, branch.description, domain.description, strategy.description,
            canary.description,
            approval.description,
            ports.description,
            replicas.description, env.description, stability.description, smoke.description,
            external.description,
            backup.description, releases.description, heal.description, refuseMigrations.description,
            maintenance.description, drainTimeout.description,
            keepWarm.description,
        ],
        synonyms: [
            "host": "domain", "url": "domain", "domains": "domain", "branches": "branch",
            "environment": "env",
            "variables": "env", "approvals": "approval", "backups": "backup", "drain": "drain_timeout",
            "smoke_tests": "smoke", "scale": "replicas",
        ],
    )

    /// An environment.
    static let shape = ValueShape<EnvironmentManifest>
        .mapping(table) { fields in
            let name = EnvironmentName(fields.node.path.lastKey)
            let usual = EnvironmentManifest.usual(name)
            let approvalKey = ManifestKey(
                approval.name,
                ApprovalKeys.shape(isProduction: usual.approval.required),
                "",
            )
            return EnvironmentManifest(
                name: name,
                compose: fields.value(compose),
                branch: fields.value(branch),
                domain: fields.value(domain),
                strategy: fields.value(strategy) ?? usual.strategy,
                canary: fields.value(canary) ?? usual.canary,
                approval: fields.value(approvalKey) ?? usual.approval,
                ports: fields.value(ports) ?? [:],
                replicas: fields.value(replicas) ?? [:],
                variables: fields.value(env) ?? [:],
                stability: fields.value(stability) ?? usual.stability,
                smoke: fields.value(smoke) ?? [],
                external: fields.value(external) ?? [],
                backup: fields.value(backup) ?? usual.backup,
                releases: fields.value(releases) ?? usual.releases,
                heal: fields.value(heal) ?? usual.heal,
                refuseMigrations: fields.value(refuseMigrations),
                maintenance: fields.value(maintenance),
                drainTimeout: fields.value(drainTimeout),
                keepWarm: fields.value(keepWarm),
            )
        }
}

extension EnvironmentManifest {
    /// An environment with everything that its name alone decides: `production` is careful.
    static func usual(_ name: EnvironmentName) -> Self {
        guard name.rawValue == "production" else { return Self(name: name) }
        return Self(name: name, strategy: .blueGreen, approval: ApprovalManifest(required: true))
    }
}
