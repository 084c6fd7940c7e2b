// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Manifest
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import Server

/// A control plane that runs against a scripted world for the length of a test, and a client that knows its token.
struct Desk: Sendable {
    static let key = EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production"))
    static let token = "0123456789abcdef"
    /// The environment's path.
    static let path = "/api/v1/projects/tracehub/environments/production"

    let world: ScriptedWorld
    let store: InMemoryDeliveryStore
    let engine: DeliveryEngine
    let client: any TestClientProtocol
    /// Every route that there is.
    let routes: [(method: HTTPRequest.Method, path: String)]
    /// Set to make the state database fail.
    let isDatabaseGone: Flag

    /// Something that a test switches on.
    final class Flag: Sendable {
        private let state = Mutex(false)

        var isOn: Bool { state.withLock { $0 } }

        func turnOn() { state.withLock { $0 = true } }
    }

    /// Runs `body` with a control plane whose engine drives, and ends it afterwards.
    static func run(
        _ setup: TestingSetup = .router,
        approval: Bool = false,
        migrates: Bool = false,
        _ body: @Sendable @escaping (Desk) async throws -> Void,
    ) async throws {
        let (world, store, feed, isDatabaseGone) = (
            ScriptedWorld(), InMemoryDeliveryStore(), JournalFeed(), Flag(),
        )
        var ports = world.ports(store, manifest(approval: approval, migrates: migrates), time: FastTime())
        ports.ledger = TellingLedger(ledger: store, feed: feed)
        // What a test changes by hand is not to be put right behind its back.
        let settings = DeliverySettings(
            layout: HomeLayout(root: "/nowhere"),
            driftInterval: .seconds(1_000_000),
        )
        let engine = DeliveryEngine(
            ports: ports,
            settings: settings,
            report: { key, failure in
                if !failure.message.hasPrefix("drift: ") { Issue.record("lane \(key): \(failure)") }
            },
        )
        let control = ControlPlane(
            engine: engine,
            ports: ports,
            settings: settings,
            feed: feed,
            token: Secret(token),
            pingDatabase: {
                if isDatabaseGone.isOn { throw Failure(.damagedState, "the state database is gone") }
            },
            backups: ScriptedBackupDesk(),
            stores: ScriptedStoreDesk(),
            restores: ScriptedRestoreDesk(),
            migrations: ScriptedMigrationDesk(),
            url: "http://127.0.0.1:4000",
        )
        let backend = GitBackend(layout: settings.layout, variables: [:])
        let routes = ServerApplication.router(control, backend: backend).routes
            .map { (method: $0.method, path: $0.path.description) }
        let application = ServerApplication.build(
            control,
            backend: backend,
            host: "127.0.0.1",
            port: 0,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        )
        try await withThrowingTaskGroup { group in
            group.addTask(name: "engine") { try await engine.run() }
            try await application.test(setup) { client in
                try await body(
                    Desk(
                        world: world,
                        store: store,
                        engine: engine,
                        client: client,
                        routes: routes,
                        isDatabaseGone: isDatabaseGone,
                    )
                )
            }
            group.cancelAll()
        }
    }

    /// Asks with the right token.
    func get(_ path: String) async throws -> TestResponse {
        try await ask(.get, path)
    }

    /// Gives an order with the right token.
    func post(_ path: String, _ order: String? = nil, as person: String? = nil) async throws -> TestResponse {
        try await ask(.post, path, body: order, as: person)
    }

    /// Asks in any way.
    func ask(
        _ method: HTTPRequest.Method,
        _ path: String,
        authorization: String? = "Bearer \(token)",
        body: String? = nil,
        as person: String? = nil,
    ) async throws -> TestResponse {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        if let person, let name = HTTPField.Name("X-OpsHub-Person") { headers[name] = person }
        return try await client.execute(
            uri: path,
            method: method,
            headers: headers,
            body: body.map { ByteBuffer(string: $0) },
        )
    }

    /// Asks for the deployment of a commit.
    func order(_ commit: String) async throws -> DeploymentView {
        try await post("\(Self.path)/deployments", "{\"ref\":\"\(commit)\"}")
            .value(DeploymentView.self, status: .created)
    }

    /// Deploys a commit and waits for its verdict.
    func deploy(_ commit: String) async throws -> DeploymentView {
        try await verdict(of: try await order(commit).id)
    }

    /// Waits until a deployment is over.
    func verdict(of id: String) async throws -> DeploymentView {
        try await until(id) { $0.isOver }
    }

    /// Waits until a deployment is as a test wants it.
    func until(_ id: String, _ condition: (DeploymentView) -> Bool) async throws -> DeploymentView {
        let clock = ContinuousClock()
        let begin = clock.now
        while true {
            let view = try await get("/api/v1/deployments/\(id)").value(DeploymentView.self)
            if condition(view) { return view }
            try #require(
                clock.now - begin < .seconds(300),
                "gave up waiting for \(id), which is \(view.state)",
            )
            try await clock.sleep(for: .milliseconds(2))
        }
    }

    private static func manifest(approval: Bool, migrates: Bool) -> ProjectManifest {
        let database = AccessoryName("db")
        let backend = ServiceName("backend")
        return ProjectManifest(
            project: key.project,
            services: [
                ServiceManifest(
                    name: backend,
                    build: ["build"],
                    program: .command("run"),
                    health: HealthCheckManifest(within: .seconds(1500)),
                    routes: ["/"],
                )
            ],
            accessories: migrates
                ? [AccessoryManifest(name: database, kind: .postgres(major: 15), database: "tracehub")] : [],
            migrations: migrates
                ? MigrationsManifest(tool: .sql, service: backend, accessory: database, folder: "migrations")
                : nil,
            environments: [
                EnvironmentManifest(
                    name: key.environment,
                    branch: "main",
                    domain: "tracehub.example.com",
                    strategy: .blueGreen,
                    approval: ApprovalManifest(required: approval),
                    ports: ["backend": 8000, "db": 5432],
                    stability: StabilityManifest(window: .seconds(2), maxWindow: .seconds(1000)),
                    keepWarm: .seconds(3000),
                )
            ],
        )
    }
}
