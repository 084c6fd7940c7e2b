// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest

/// Values to write.
enum Sample {
    static func key(_ number: Int) -> EnvironmentKey {
        EnvironmentKey(ProjectName("measure"), EnvironmentName("e\(number)"))
    }

    static func manifest(_ keys: [EnvironmentKey]) -> ProjectManifest {
        ProjectManifest(
            project: ProjectName("measure"),
            services: [
                ServiceManifest(name: ServiceName("web"), program: .command("./web"), routes: ["/"])
            ],
            environments: keys.map { key in
                EnvironmentManifest(
                    name: key.environment,
                    domain: "\(key.environment).measure.test",
                    strategy: .blueGreen,
                    stability: StabilityManifest(window: .seconds(5)),
                )
            },
        )
    }

    static func release(_ number: Int, of key: EnvironmentKey) -> Release {
        Release(
            id: ReleaseID("r\(number)"),
            environment: key,
            commit: Commit(
                id: CommitID("0123456789abcdef0123456789abcdef01234567"),
                subject: "change \(number)",
                author: "Ada",
                committedAt: .now,
            ),
            manifest: manifest([key]),
            createdAt: .now,
            builtAt: .now,
        )
    }

    /// A deployment that is over.
    static func deployment(_ number: Int, of key: EnvironmentKey) -> Deployment {
        var deployment = Deployment(
            id: DeploymentID("d\(number)"),
            environment: key,
            kind: .release,
            release: ReleaseID("r\(number)"),
            requester: Requester(name: "ada", channel: .command),
            requestedAt: .now,
        )
        deployment.machine = DeploymentMachine(phase: .ended(Verdict(outcome: .succeeded)))
        deployment.slot = .blue
        (deployment.begunAt, deployment.concludedAt) = (.now, .now)
        return deployment
    }
}
