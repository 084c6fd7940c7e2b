// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest

/// Values that tests have in common: each with something in every member.
enum Sample {
    static let production = key("shop", "production")
    static let staging = key("shop", "staging")
    static let time = Date(timeIntervalSince1970: 1_800_000_000.25)
    static let ada = Requester(name: "Ada Løvelace \u{1F680}", channel: .command)
    static let digest = PlanDigest("3f9c2ab01d77")
    static let failure = Failure(
        .gateFailed,
        "the gate said \"no\"",
        hint: "look",
        evidence: ["line 1", "", "tab\tnewline\nnull \u{0}"],
        cause: "HTTP 503",
        isRetryable: true,
    )

    static func key(_ project: String, _ environment: String) -> EnvironmentKey {
        EnvironmentKey(ProjectName(project), EnvironmentName(environment))
    }

    static func commit(_ id: String = "0123456789abcdef0123456789abcdef01234567") -> Commit {
        Commit(id: CommitID(id), subject: "Say 'hello'", author: "Ada", committedAt: time)
    }

    static func release(_ number: Int, of key: EnvironmentKey = production) -> Release {
        Release(
            id: ReleaseID("r\(number)"),
            environment: key,
            commit: commit(),
            manifest: manifest,
            createdAt: time,
            builtAt: number % 2 == 0 ? nil : time.addingTimeInterval(0.001),
        )
    }

    static func deployment(
        _ number: Int,
        of key: EnvironmentKey = production,
        isOver: Bool = false,
    ) -> Deployment {
        var deployment = Deployment(
            id: DeploymentID("d\(number)"),
            environment: key,
            kind: .release,
            release: ReleaseID("r\(number)"),
            requester: ada,
            requestedAt: time,
        )
        if isOver { deployment.concludedAt = time }
        return deployment
    }

    static func record(_ key: EnvironmentKey = production) -> EnvironmentRecord {
        EnvironmentRecord(
            key: key,
            serving: Placement(release: ReleaseID("r2"), slot: .green, since: time),
            warm: Placement(release: ReleaseID("r1"), slot: .blue, since: time.addingTimeInterval(-60)),
            warmUntil: time.addingTimeInterval(900),
        )
    }

    /// A change with a line in every place.
    static func change(_ number: Int, of key: EnvironmentKey = production) -> DeliveryChange {
        DeliveryChange(
            release: release(number, of: key),
            deployment: deployment(number, of: key),
            environment: record(key),
            journal: [.requested(by: ada), .started(.preflight)],
            at: time,
        )
    }

    static let plan = Plan(
        digest: digest,
        content: PlanContent(
            environment: production,
            kind: .rollback,
            commit: commit(),
            outgoing: ReleaseID("r1"),
            commits: [commit(), commit("abc")],
            files: ["web/Größe.py"],
            fileCount: 300,
            services: [
                .init(
                    name: ServiceName("web"),
                    replicas: 2,
                    memory: .mebibytes(512),
                    variables: [.init(name: "A", version: 2, outgoing: nil)],
                )
            ],
            routes: ["/": ServiceName("web")],
            domain: "shop.test",
            ports: ["web": 3000],
            migrations: [PendingMigration(revision: "0002", title: "add weight")],
            backups: [AccessoryName("db")],
            strategy: .blueGreen,
            steps: [.approval, .backup, .shift(percent: 50), .shift(percent: 100)],
            wayBack: "traffic returns to r1",
        ),
    )

    static let manifest = ProjectManifest(
        project: ProjectName("shop"),
        services: [
            ServiceManifest(
                name: ServiceName("web"),
                path: "web",
                build: ["make"],
                test: ["make test"],
                buildTimeout: .milliseconds(1500),
                program: .command("run --port $PORT"),
                health: HealthCheckManifest(expect: ["status": "ok"], interval: .milliseconds(1)),
                routes: ["/", "/api"],
                replicas: 3,
                variables: ["A": "b=c"],
                limits: LimitsManifest(memory: ByteCount(7), files: 8, stopTimeout: .seconds(9)),
            ),
            ServiceManifest(name: ServiceName("pages"), program: .files(folder: "dist")),
        ],
        accessories: [
            AccessoryManifest(name: AccessoryName("db"), kind: .postgres(major: 15), database: "shop")
        ],
        migrations: MigrationsManifest(
            tool: .alembic,
            service: ServiceName("web"),
            accessory: AccessoryName("db"),
            folder: ".",
            moment: .beforeStart,
        ),
        environments: [
            EnvironmentManifest(
                name: production.environment,
                branch: "main",
                domain: "shop.test",
                strategy: .blueGreen,
                approval: ApprovalManifest(required: true, expires: .seconds(1)),
                ports: ["web": 3000],
                replicas: ["web": 2],
                variables: ["LEVEL": "info"],
                stability: StabilityManifest(maxErrorRate: 0.015, maxP99: .milliseconds(250)),
                smoke: [SmokeCheckManifest(path: "/", expect: ["a": "b"], service: ServiceName("web"))],
                drainTimeout: .microseconds(1),
                keepWarm: .seconds(86_400 * 365),
            )
        ],
    )
}
