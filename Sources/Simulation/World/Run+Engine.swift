// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport

extension Run {
    /// How many requests and probes make a judgement; more than one window has, where a person is to be asked.
    var minRequests: Int { schedule.shape.asksWhenInDoubt ? 110 : 3 }
    static let publicPort = 8080
    static let secret = ScriptedPorts.database.password.revealed()

    /// An engine that reaches the world through a gate of its own.
    func engine(of plane: ControlPlaneProcess) -> DeliveryEngine {
        let gate = Gate(run: self, plane: plane)
        let (ports, ledger, scripted) = (
            GatedPorts(gate: gate), GatedLedger(gate: gate), ScriptedPorts(world),
        )
        let manifest = manifest
        return DeliveryEngine(
            ports: DeliveryPorts(
                sources: ScriptedSources(world),
                remotes: ScriptedRemotes(world),
                builds: ports,
                images: NoImages(),
                services: ports,
                accessories: ports,
                database: ports,
                restores: GatedRestores(gate: gate),
                router: GatedRouter(gate: gate),
                prober: ports,
                host: scripted,
                ledger: ledger,
                records: ledger,
                people: InMemoryPeopleRegister(),
                locks: SimulatedLocks(gate: gate),
                time: SimulatedTime(clock: clock, plane: plane),
                digest: { bytes in "digest-\(bytes.count)-\(bytes.reduce(0) { ($0 &* 31) &+ Int($1) })" },
                readManifest: { _, _, _ in manifest },
            ),
            settings: DeliverySettings(
                layout: HomeLayout(root: "/nowhere"),
                holder: plane.holder,
                publicPort: Self.publicPort,
                driftInterval: schedule.shape.watchesDrift ? .seconds(5) : .seconds(1_000_000),
            ),
            report: { [self] key, failure in note("plane \(plane.number) reports of \(key): \(failure)") },
        )
    }

    /// What is the matter with a release's commit.
    func traits(of release: ReleaseID) -> CommitTraits {
        store.releases.first { $0.id == release }.map { database.traits(of: $0.commit.id) } ?? CommitTraits()
    }

    private var manifest: ProjectManifest {
        let (backend, shape) = (ServiceName("backend"), schedule.shape)
        return ProjectManifest(
            project: Self.key.project,
            services: [
                ServiceManifest(
                    name: backend,
                    build: ["build"],
                    program: .command("run"),
                    health: HealthCheckManifest(within: .seconds(6), successes: Watch.successes),
                    routes: ["/"],
                    replicas: shape.replicas,
                )
            ],
            accessories: [
                AccessoryManifest(
                    name: AccessoryName("db"),
                    kind: .postgres(major: 15),
                    database: "tracehub",
                )
            ],
            migrations: MigrationsManifest(
                tool: .sql,
                service: backend,
                accessory: AccessoryName("db"),
                folder: "migrations",
                moment: shape.migratesBeforeStart ? .beforeStart : .afterHealth,
            ),
            environments: [
                EnvironmentManifest(
                    name: Self.key.environment,
                    branch: "main",
                    domain: "tracehub.example.com",
                    strategy: shape.strategy,
                    canary: CanaryManifest(steps: [10, 50, 100]),
                    approval: ApprovalManifest(
                        required: shape.needsApproval,
                        count: shape.approvals,
                        expires: .seconds(40),
                    ),
                    ports: ["db": 5432],
                    stability: StabilityManifest(
                        window: shape.window,
                        maxWindow: shape.asksWhenInDoubt ? shape.window : nil,
                        minRequests: minRequests,
                        inconclusive: shape.asksWhenInDoubt ? .ask : .undo,
                    ),
                    smoke: [SmokeCheckManifest(path: "/")],
                    backup: BackupManifest(before: shape.alwaysBacksUp ? .always : .migrations),
                    releases: ReleasesManifest(keepLast: shape.keepsReleases),
                    maintenance: shape.closesToMigrate ? .migrations : nil,
                    drainTimeout: .seconds(2),
                    keepWarm: shape.keepWarm,
                )
            ],
        )
    }
}
