// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// An engine that runs against a scripted world for the length of a test.
struct Bench: Sendable {
    static let key = EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production"))
    static let ada = Requester(name: "Ada", channel: .command)

    let world: ScriptedWorld
    let store: InMemoryDeliveryStore
    let engine: DeliveryEngine

    /// Runs `body` with an engine, and ends the engine afterwards.
    static func run(
        manifest: ProjectManifest = manifest(),
        world: ScriptedWorld = ScriptedWorld(),
        store: InMemoryDeliveryStore = InMemoryDeliveryStore(),
        ledger: @Sendable (InMemoryDeliveryStore) -> any DeliveryLedger = { $0 },
        people: InMemoryPeopleRegister = InMemoryPeopleRegister(),
        drift: Duration = .seconds(1_000_000),
        onReport: @Sendable @escaping (String) -> Void = { Issue.record("\($0)") },
        _ body: @Sendable (Bench) async throws -> Void,
    ) async throws {
        var ports = world.ports(store, manifest, time: FastTime(), people: people)
        ports.ledger = ledger(store)
        let engine = DeliveryEngine(
            ports: ports,
            settings: DeliverySettings(layout: HomeLayout(root: "/nowhere"), driftInterval: drift),
            report: { key, failure in onReport("lane \(key): \(failure)") },
        )
        try await withThrowingTaskGroup { group in
            group.addTask(name: "engine") { try await engine.run() }
            try await body(Bench(world: world, store: store, engine: engine))
            group.cancelAll()
        }
    }

    /// The manifest of every commit.
    ///
    /// - Parameters:
    ///   - approval: Whether a person must say yes.
    ///   - within: How long an instance has to become healthy: long, unless a test is about one that never does.
    ///   - keepWarm: How long the outgoing release stays.
    /// - Returns: A manifest with one service, one database and one environment.
    static func manifest(
        approval: Bool = false,
        within: Duration = .seconds(1500),
        keepWarm: Duration = .seconds(3000),
    ) -> ProjectManifest {
        let backend = ServiceName("backend")
        return ProjectManifest(
            project: ProjectName("tracehub"),
            services: [
                ServiceManifest(
                    name: backend,
                    build: ["build"],
                    program: .command("run"),
                    health: HealthCheckManifest(within: within),
                    routes: ["/"],
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
            ),
            environments: [
                EnvironmentManifest(
                    name: key.environment,
                    branch: "main",
                    domain: "tracehub.example.com",
                    strategy: .blueGreen,
                    approval: ApprovalManifest(required: approval),
                    ports: ["db": 5432],
                    // However slow the machine is, there is time for as many probes as it takes to judge.
                    stability: StabilityManifest(window: .seconds(5), maxWindow: .seconds(1000)),
                    smoke: [SmokeCheckManifest(path: "/")],
                    keepWarm: keepWarm,
                )
            ],
        )
    }

    /// Deploys a commit and waits for its verdict.
    func deploy(_ commit: String) async throws -> Deployment {
        try await verdict(of: try await engine.deploy(Self.key, reference: commit, requester: Self.ada).id)
    }

    /// Waits until a deployment is over.
    func verdict(of id: DeploymentID) async throws -> Deployment {
        try await waitUntil { try await store.deployment(id)?.isOver == true }
        return try #require(try await store.deployment(id))
    }

    /// Waits until a deployment's plan waits for a person.
    func waitForApproval(of id: DeploymentID) async throws -> Deployment {
        try await waitUntil {
            if case .awaitingApproval? = try await store.deployment(id)?.phase { true } else { false }
        }
        return try #require(try await store.deployment(id))
    }

    /// Waits for a condition; the deadline is there to end a broken test, not to time a good one.
    func waitUntil(_ condition: @Sendable () async throws -> Bool) async throws {
        let clock = ContinuousClock()
        let begin = clock.now
        while try await !condition() {
            try #require(
                clock.now - begin < .seconds(300),
                "gave up waiting after \(world.now.actions.suffix(3))",
            )
            try await clock.sleep(for: .milliseconds(1))
        }
    }
}
