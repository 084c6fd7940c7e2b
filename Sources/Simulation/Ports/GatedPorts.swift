// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Manifest
import TestSupport

/// Everything that runs on the machine, as one control plane reaches it.
struct GatedPorts: ServiceRuntime, BuildRunner, AccessoryRuntime, DatabaseSafety, Prober {
    let gate: Gate

    private var run: Run { gate.run }
    private var runtime: ScriptedRuntime { ScriptedRuntime(run.world) }
    private var ports: ScriptedPorts { ScriptedPorts(run.world) }

    // MARK: Services

    func start(_ instance: InstanceSpecification) async throws {
        try await gate.pass("start \(instance.id) of \(instance.release)") {
            // The same again is left alone.
            let present = try await runtime.status(of: instance.id)
            let isSame = present?.release == instance.release && present?.port == instance.port
            if isSame, present?.state != .stopped { return }
            try await runtime.start(instance)
            if !isSame { run.watch.started(instance.id, run) }
        }
    }

    func restart(_ instance: InstanceSpecification) async throws {
        try await gate.pass("restart \(instance.id)") { try await runtime.restart(instance) }
    }

    func stop(_ id: InstanceID) async throws {
        try await gate.pass("stop \(id)") {
            run.watch.willStop(id, run)
            try await runtime.stop(id)
        }
    }

    func status(of id: InstanceID) async throws -> InstanceStatus? {
        try await gate.ask { try await runtime.status(of: id) }
    }

    func memory(of id: InstanceID) async throws -> ByteCount? {
        try await gate.ask { try await runtime.memory(of: id) }
    }

    func alteredVariables(of instance: InstanceSpecification) async throws -> [String] { [] }

    func intruder(on id: InstanceID) async throws -> String? { nil }

    func instances(of environment: EnvironmentKey) async throws -> [InstanceStatus] {
        try await gate.ask { try await runtime.instances(of: environment) }
    }

    func logged(in environment: EnvironmentKey) async throws -> [LoggedInstance] {
        try await gate.ask { try await runtime.logged(in: environment) }
    }

    func log(of id: InstanceID, after cursor: LogCursor?, limit: Int) async throws -> LogPage {
        try await gate.ask { try await runtime.log(of: id, after: cursor, limit: limit) }
    }

    // MARK: Builds

    func prepare(_ folder: String, of environment: EnvironmentKey) async throws {
        try await gate.pass("prepare") {}
    }

    func run(_ command: BuildCommand, onLine: @Sendable @escaping (String) async -> Void) async throws {
        try await gate.pass("run \(command.line)") { await onLine("done") }
    }

    func discard(_ folder: String, of environment: EnvironmentKey) async throws {
        let release = ReleaseID(String(folder.split(separator: "/").last ?? ""))
        try await gate.pass("discard \(release)") { run.watch.willDiscard(release, run) }
    }

    func seal(_ folder: String, of environment: EnvironmentKey) async throws -> ByteCount {
        try await gate.pass("seal") { .mebibytes(100) }
    }

    func alterations(of folder: String) async throws -> [String] { [] }

    // MARK: Data

    func version(of accessory: AccessoryManifest) async throws -> String {
        try await gate.ask { try await ports.version(of: accessory) }
    }

    func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        try await gate.pass("ensure \(accessory.manifest.name)") { .database(ScriptedPorts.database) }
    }

    func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        try await gate.ask { .database(ScriptedPorts.database) }
    }

    func pendingMigrations(_ target: MigrationTarget) async throws -> [PendingMigration] {
        try await gate.pass("pending migrations") { run.database.pending(target.release) }
    }

    func verdicts(
        _ target: MigrationTarget,
        on migrations: [PendingMigration],
        verifying: Bool,
    ) async throws -> [MigrationVerdict] {
        try await gate.pass("rehearse migrations of \(target.release.id)") {
            migrations.map { MigrationVerdict(revision: $0.revision, findings: []) }
        }
    }

    func migrate(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await gate.pass("migrate \(target.release.id)") {
            run.watch.migrating(target.release.id, run)
            try await alone("migration") {
                run.database.apply(migrations)
                await onLine("applied")
            }
        }
    }

    func wayBack(_ target: MigrationTarget, to revisions: [String]) async throws -> [PendingMigration] {
        try await gate.ask { run.database.brought(by: target.release) }
    }

    func proof(
        _ target: MigrationTarget,
        ofReverting migrations: [PendingMigration],
    ) async throws -> (objections: [String], losses: [String]) {
        let unknown = try await gate.ask {
            migrations.filter { !run.database.has($0, in: target.release) }
                .map { "\($0.revision) is not known" }
        }
        return (unknown, [])
    }

    func reapply(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await migrate(target, migrations, onLine: onLine)
    }

    func revert(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        try await gate.pass("revert \(target.release.id)") {
            run.watch.reverting(target.release.id, run)
            try await alone("migration") { run.database.revert(migrations) }
        }
    }

    func backUp(
        _ accessory: AccessorySpecification,
        for deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        try await gate.pass("back up for \(deployment)") {
            try await alone("backup") { run.database.backUp(accessory, for: deployment) }
        }
    }

    func backUpBeforeReturn(
        _ accessory: AccessorySpecification,
        of deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt {
        try await gate.pass("back up before \(deployment) is taken back") {
            try await alone("backup") { run.database.backUpBeforeReturn(accessory, of: deployment) }
        }
    }

    func drill(_ backup: BackupReceipt, of accessory: AccessorySpecification) async throws -> String {
        try await gate.pass("drill \(backup.id)") {
            guard let deployment = run.database.deployment(of: backup.id) else {
                throw Failure(.backupFailed, "there is no backup \(backup.id)")
            }
            run.watch.drilled(for: deployment)
            return "1 table"
        }
    }

    /// Takes some time in which nobody else may touch the database.
    private func alone<Result>(_ what: String, _ body: () async throws -> Result) async throws -> Result {
        run.watch.beginsOnDatabase(what, gate.plane)
        defer { run.watch.endsOnDatabase(what, gate.plane) }
        try await run.clock.sleep(for: .milliseconds(300), owner: gate.plane.number)
        if gate.plane.isDead { throw CancellationError() }
        return try await body()
    }

    // MARK: Probes

    func get(_ request: ProbeRequest) async throws -> ProbeResponse {
        do {
            return try await answer(to: request)
        } catch let failure as Failure where failure.message == Run.simulatedFailure {
            // No answer is one as well.
            let asked = run.world.now.instances.values.first { $0.port == request.port }
            if let asked { run.watch.counted(asked.id) }
            throw failure
        }
    }

    private func answer(to request: ProbeRequest) async throws -> ProbeResponse {
        try await gate.pass("get \(request.host ?? ""):\(request.port)\(request.path)") {
            let facts = run.world.now
            guard request.port != Run.publicPort else {
                run.watch.askedFromOutside(run)
                return ProbeResponse(status: 200, body: [], duration: .milliseconds(1))
            }
            guard let instance = facts.instances.values.first(where: { $0.port == request.port }) else {
                throw Failure(.unreachable, "nobody listens on port \(request.port)")
            }
            let isHealthy = run.traits(of: instance.release).isHealthy
            run.watch.answered(instance.id, isHealthy: isHealthy, run)
            return ProbeResponse(status: isHealthy ? 200 : 500, body: [], duration: .milliseconds(1))
        }
    }
}

/// The edge, as one control plane reaches it.
struct GatedRouter: TrafficRouter {
    let gate: Gate

    private var run: Run { gate.run }
    private var router: ScriptedRouter { ScriptedRouter(run.world) }

    func place(_ placement: SlotPlacement) async throws {
        try await gate.pass("place \(placement.release) in \(placement.slot)") {
            run.watch.willChange(placement.slot, "fill", run)
            try await router.place(placement)
        }
    }

    func clear(_ slot: Slot, of environment: EnvironmentKey) async throws {
        try await gate.pass("clear \(slot)") {
            run.watch.willChange(slot, "clear", run)
            try await router.clear(slot, of: environment)
        }
    }

    func remove(_ environment: EnvironmentKey) async throws {
        try await gate.pass("remove") { try await router.remove(environment) }
    }

    func direct(_ traffic: TrafficSplit, of environment: EnvironmentKey) async throws {
        try await gate.pass("direct \(traffic)") {
            try await router.direct(traffic, of: environment)
            run.watch.directed(traffic, run)
        }
    }

    func observe(_ environment: EnvironmentKey) async throws -> ObservedTraffic? {
        try await gate.ask { try await router.observe(environment) }
    }

    func survey() async throws -> EdgeSurvey { try await gate.ask { try await router.survey() } }

    func realign() async throws { try await gate.pass("realign") { try await router.realign() } }

    func isSettled() async throws -> Bool { try await gate.ask { true } }

    func counters(of environment: EnvironmentKey) async throws -> TrafficCounters {
        try await gate.ask {
            run.world.change { facts in
                let split = facts.split[environment] ?? .none
                let bad = facts.placements[environment]?.values
                    .contains { split.reaches($0.slot) && !run.traits(of: $0.release).servesWell }
                facts.arrivals.failed = bad == true ? facts.arrivals.served : 0
            }
            let counters = try await router.counters(of: environment)
            run.watch.counted(run)
            return counters
        }
    }

    func latency(
        of slot: Slot,
        in environment: EnvironmentKey,
        since: Date,
    ) async throws -> LatencySummary? { nil }
}
