// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Delivery
public import Manifest

/// Everything else of a scripted world.
public struct ScriptedPorts: BuildRunner, AccessoryRuntime, DatabaseSafety, Prober, HostInspector {
    let world: ScriptedWorld

    /// Ports of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// Prepared.
    public func prepare(_ folder: String, of environment: EnvironmentKey) async throws {}

    /// Run.
    public func run(_ command: BuildCommand, onLine: @Sendable @escaping (String) async -> Void) async throws
    {
        try await world.act("run \(command.line)")
    }

    /// Gone.
    public func discard(_ folder: String, of environment: EnvironmentKey) async throws {
        try await world.act("discard \(folder.split(separator: "/").last ?? "")")
    }

    /// Sealed.
    public func seal(_ folder: String, of environment: EnvironmentKey) async throws -> ByteCount {
        .mebibytes(100)
    }

    /// As the world says.
    public func alterations(of folder: String) async throws -> [String] {
        if let failure = world.now.lookFailure { throw failure }
        return world.now.alterations
    }

    /// Runs.
    public func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        try await world.act("ensure \(accessory.manifest.name)")
        return .database(Self.database)
    }

    /// Where it is.
    public func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        .database(Self.database)
    }

    /// What the world says.
    public func pendingMigrations(_ target: MigrationTarget) async throws -> [PendingMigration] {
        world.now.pending
    }

    /// Safe, or what the world says.
    public func verdicts(
        _ target: MigrationTarget,
        on migrations: [PendingMigration],
        verifying: Bool,
    ) async throws -> [MigrationVerdict] {
        try await world.act(verifying ? "rehearse and verify" : "rehearse")
        return migrations.map { MigrationVerdict(revision: $0.revision, findings: world.now.findings) }
    }

    /// Applied.
    public func migrate(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await world.act("migrate")
        world.change { facts in
            facts.pending = []
            facts.health.merge(facts.healthAfterMigration) { $1 }
        }
    }

    /// What the world says.
    public func wayBack(_ target: MigrationTarget, to revisions: [String]) async throws -> [PendingMigration]
    {
        world.now.wayBack
    }

    /// None, or what the world says.
    public func proof(
        _ target: MigrationTarget,
        ofReverting migrations: [PendingMigration],
    ) async throws -> (objections: [String], losses: [String]) {
        (world.now.objections, [])
    }

    /// Applied again.
    public func reapply(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await world.act(
            "reapply \(migrations.map(\.revision).joined(separator: " ")) with \(target.release.id)"
        )
    }

    /// Taken back.
    public func revert(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await world.act(
            "revert \(migrations.map(\.revision).joined(separator: " ")) with \(target.release.id)"
        )
    }

    /// Copied.
    public func backUp(
        _ accessory: AccessorySpecification,
        for deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        let name = accessory.manifest.name
        try await world.act("back up \(name)")
        return BackupReceipt(id: "b-\(name)", accessory: name, size: ByteCount(1))
    }

    /// Copied once more.
    public func backUpBeforeReturn(
        _ accessory: AccessorySpecification,
        of deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        let name = accessory.manifest.name
        try await world.act("back up \(name) before \(deployment) is taken back")
        return BackupReceipt(id: "b-\(name)-return", accessory: name, size: ByteCount(1))
    }

    /// Proven.
    public func drill(_ backup: BackupReceipt, of accessory: AccessorySpecification) async throws -> String {
        try await world.act("drill \(accessory.manifest.name)")
        return "1 table"
    }

    /// Answers for whatever instance has that port.
    public func get(_ request: ProbeRequest) async throws -> ProbeResponse {
        try await world.act("get \(request.host ?? request.address):\(request.port)\(request.path)")
        world.change { $0.takeTurnAtIllness(port: request.port) }
        let facts = world.now
        let release = facts.instances.values.first { $0.port == request.port }?.release
        return ProbeResponse(
            status: facts.isIll ? 503 : release.flatMap { facts.health[$0] } ?? 200,
            body: [],
            duration: .milliseconds(1),
            edgeAnswer: release == nil ? request.host.flatMap { facts.edgeAnswers[$0] } : nil,
        )
    }

    /// Plenty.
    public func availableDisk(at path: String) async throws -> ByteCount { world.now.disk }

    /// As the world says.
    public func availableMemory() async throws -> ByteCount { world.now.memory }

    /// As the world says.
    public func programs() async throws -> [String] {
        try await world.act("programs")
        return ["HAProxy 2.6.12", "git 2.39.5"]
    }

    /// Always the same.
    public func version(of accessory: AccessoryManifest) async throws -> String { "PostgreSQL 15.20" }

    /// Free.
    public func holder(ofPort port: Int) async throws -> String? { nil }

    /// The next ones.
    public func freePorts(_ count: Int, avoiding: Set<Int>) async throws -> [Int] {
        Array((20_000...).lazy.filter { !avoiding.contains($0) }.prefix(count))
    }

    /// Every database of every world.
    public static let database = DatabaseAddress(
        host: "127.0.0.1",
        port: 5432,
        database: "tracehub",
        user: "tracehub",
        password: Secret("secret-of-the-database"),
    )
}

extension ScriptedWorld {
    /// Ports of deployments in this world.
    public func ports(
        _ store: InMemoryDeliveryStore,
        _ manifest: ProjectManifest,
        time: any TimeSource,
        people: any PeopleRegister = InMemoryPeopleRegister(),
    ) -> DeliveryPorts {
        let ports = ScriptedPorts(self)
        return DeliveryPorts(
            sources: ScriptedSources(self),
            remotes: ScriptedRemotes(self),
            builds: ports,
            images: ScriptedImages(self),
            services: ScriptedRuntime(self),
            accessories: ports,
            database: ports,
            restores: ScriptedRestores(self),
            router: ScriptedRouter(self),
            prober: ports,
            host: ports,
            ledger: store,
            records: store,
            people: people,
            locks: ScriptedLocks(),
            time: time,
            digest: { bytes in "digest-\(bytes.count)-\(bytes.reduce(0) { ($0 &* 31) &+ Int($1) })" },
            readManifest: { _, _, _ in manifest },
        )
    }
}

extension ScriptedWorld.Facts {
    /// An instance with traffic that is to fall ill answers every other probe.
    fileprivate mutating func takeTurnAtIllness(port: Int) {
        guard illAfterSwitch > 0, let instance = instances.values.first(where: { $0.port == port }),
            split[instance.id.environment]?.reaches(instance.id.slot) == true
        else { return }
        isIll.toggle()
        if !isIll { illAfterSwitch -= 1 }
    }
}
