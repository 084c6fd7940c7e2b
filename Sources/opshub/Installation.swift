// SPDX-License-Identifier: Apache-2.0
import API
import Commands
import Core
import Crypto
import DataSafety
import Delivery
import DockerRuntime
import FoundationEssentials
import FolderTools
import GitSource
import HAProxyRouter
import HTTPProbes
import HostSystem
import Hummingbird
import Logging
import Manifest
import PostgresTools
import ProcessRuntime
import Server
import ServiceLifecycle
import Storage
import UnixSignals
import Vault

/// One control plane of one home, put together: everything that is built from configuration is built here.
struct Installation {
    let options: ServeOptions
    let control: ControlPlane
    let router: HAProxyRouter
    let backend: GitBackend
    let recovery: StartRecovery
    let rounds: BackupRounds
    let copies: OffsiteRounds
    let archives: ArchiveRounds
    let queries: QueryRounds
    let containers: ContainerRounds
    let logger: Logger
    /// Held as long as the process lives.
    let lock: FileLock

    /// Opens a home and builds every part on it.
    ///
    /// - Throws: `state-locked` when another control plane runs on this home, `damaged-state`, `missing-program`.
    static func open(_ options: ServeOptions, logger: Logger) async throws -> Installation {
        let layout = options.layout
        _ = try await GitRepositories.program.version()
        try HomeFolders.make(layout)
        let lock = try HomeFolders.lock(layout)
        try HomeFolders.clear(layout)
        let token = try HomeFolders.token(layout)
        let program = try HomeFolders.program(layout)
        let database = try StateDatabase(path: layout.database)
        let feed = JournalFeed()
        let ledger = SQLiteDeliveryLedger(database, onJournal: { feed.wake($0) })
        let router = HAProxyRouter(
            settings: EdgeSettings(
                folder: layout.edge,
                address: options.publicAddress,
                port: options.publicPort,
                account: HomeFolders.edgeAccount,
                logSample: options.accessLogSample,
                logWriter: [program, EdgeLogCommand.name],
            )
        )
        let prober = HTTPProber()
        let keyFile = RecoveryKeyFile(layout: layout)
        let key = try keyFile.keep(usedBy: try await keysInUse(database))
        let logs = FileLogVault(layout: layout, key: key)
        let containers = Engine(options.engine, identity: try HomeIdentity.keep(in: layout))
        let kinds = AccessoryKinds(layout: layout, logs: logs, engine: containers)
        let backups = backups(layout, database, key, kinds)
        let builds = ProcessBuildRunner(
            layout: layout,
            parallelBuilds: ProcessInfo.processInfo.activeProcessorCount / 2,
        )
        let restores = Restores(
            backups: backups,
            exchange: kinds,
            tables: PostgresDatabaseServer(layout: layout),
        )
        let pointInTime = PointInTime(
            backups: backups,
            source: PostgresDatabaseServer(layout: layout),
            vault: logs,
        )
        let migrations = migrations(layout, builds)
        let settings = DeliverySettings(
            layout: layout,
            holder: "opshub at \(layout.root)",
            publicAddress: options.publicAddress,
            publicPort: options.publicPort,
        )
        var ports = ports(
            layout,
            program,
            database,
            ledger,
            router,
            prober,
            backups,
            restores,
            builds,
            migrations,
            kinds,
            containers,
            LocalHostInspector(
                ports: options.instancePorts,
                programs: [HAProxyRouter.program, GitRepositories.program],
            ),
        )
        #if DEBUG
        if let crashing = CrashPoint(ledger) { ports.ledger = crashing }
        #endif
        let engine = DeliveryEngine(
            ports: ports,
            settings: settings,
            report: { key, failure in
                logger.error(
                    "environment needs attention",
                    metadata: ["environment": "\(key)", "failure": "\(failure)"],
                )
            },
        )
        let url = "http://\(options.host):\(options.port)"
        let control = ControlPlane(
            engine: engine,
            ports: ports,
            settings: settings,
            feed: feed,
            token: token,
            pingDatabase: { try await database.ping() },
            backups: BackupCounter(
                backups: backups,
                pointInTime: pointInTime,
                records: ports.records,
                policies: BackupPolicies(records: ports.records),
                stores: ObjectStoreRegister(layout: layout),
                keyFile: keyFile,
                key: key,
            ),
            stores: StoreCounter(layout: layout, policies: BackupPolicies(records: ports.records)),
            restores: RestoreCounter(backups: backups, restores: restores, records: ports.records),
            migrations: MigrationCounter(
                care: DatabaseCare(backups: backups, migrations: migrations),
                time: ports.time,
            ),
            url: url,
        )
        let variables = ["OPSHUB_SERVER": url, "OPSHUB_TOKEN": token.revealed()]
        return Installation(
            options: options,
            control: control,
            router: router,
            backend: GitBackend(layout: layout, variables: variables),
            recovery: StartRecovery(
                backups: backups,
                migrations: migrations,
                keyID: key.id,
                records: ports.records,
                logger: logger,
            ),
            rounds: BackupRounds(
                backups: backups,
                restores: restores,
                pointInTime: pointInTime,
                policies: BackupPolicies(records: ports.records),
                time: ports.time,
                logger: logger,
            ),
            copies: OffsiteRounds(
                backups: backups,
                policies: BackupPolicies(records: ports.records),
                time: ports.time,
                logger: logger,
            ),
            archives: ArchiveRounds(
                pointInTime: pointInTime,
                policies: BackupPolicies(records: ports.records),
                time: ports.time,
                logger: logger,
            ),
            queries: QueryRounds(
                recorder: PostgresQueryRecorder(layout: layout),
                records: ports.records,
                time: ports.time,
                logger: logger,
            ),
            containers: ContainerRounds(
                watch: EngineWatch(layout: layout, engine: containers),
                runtimes: Self.runtimes(layout, program, containers),
                records: ports.records,
                engine: engine,
                logger: logger,
            ),
            logger: logger,
            lock: lock,
        )
    }

    private static func runtimes(
        _ layout: HomeLayout,
        _ program: String,
        _ engine: Engine,
    ) -> ServiceRuntimes {
        ServiceRuntimes(
            layout: layout,
            processes: ProcessServiceRuntime(layout: layout, fileServer: program),
            containers: DockerServiceRuntime(layout: layout, engine: engine),
        )
    }

    /// Names of the recovery keys that the catalogue's backups were made with.
    private static func keysInUse(_ database: StateDatabase) async throws -> Set<String> {
        var keys: Set<String> = []
        for environment in try await SQLiteDeliveryRecords(database).environments() {
            let backups = try await SQLiteBackupStore(database).backups(of: environment.key)
            keys.formUnion(backups.compactMap { $0.content?.encoding?.key })
        }
        return keys
    }

    private static func backups(
        _ layout: HomeLayout,
        _ database: StateDatabase,
        _ key: RecoveryKey,
        _ kinds: AccessoryKinds,
    ) -> Backups {
        Backups(
            store: SQLiteBackupStore(database),
            vault: FileBackupVault(layout: layout, key: key),
            offsite: RcloneStores(layout: layout),
            server: kinds,
            lock: kinds,
        )
    }

    private static func migrations(_ layout: HomeLayout, _ builds: ProcessBuildRunner) -> Migrations {
        let tools: [MigrationsManifest.Tool: any RecordedTool] = [
            .alembic: AlembicMigrations(builder: builds), .sql: SQLMigrations(),
            .prisma: SQLMigrations.prisma(),
        ]
        let ground = PostgresMigrationRehearsal(layout: layout, tools: tools)
        return Migrations(
            tools: tools,
            lock: PostgresDatabaseLock(layout: layout),
            inspector: PostgresSchemaInspector(layout: layout),
            rehearsal: ground,
            ground: ground,
            code: ReleaseFolderCode(layout: layout),
        )
    }

    private static func ports(
        _ layout: HomeLayout,
        _ program: String,
        _ database: StateDatabase,
        _ ledger: SQLiteDeliveryLedger,
        _ router: HAProxyRouter,
        _ prober: HTTPProber,
        _ backups: Backups,
        _ restores: Restores,
        _ builds: ProcessBuildRunner,
        _ migrations: Migrations,
        _ kinds: AccessoryKinds,
        _ engine: Engine,
        _ host: LocalHostInspector,
    ) -> DeliveryPorts {
        let repositories = GitRepositories(layout: layout, hookProgram: program)
        return DeliveryPorts(
            sources: repositories,
            remotes: repositories,
            builds: builds,
            images: EngineImages(layout: layout, engine: engine),
            services: runtimes(layout, program, engine),
            accessories: kinds,
            database: DatabaseCare(backups: backups, migrations: migrations),
            restores: RestoreCare(restores: restores),
            router: router,
            prober: prober,
            host: host,
            ledger: ledger,
            records: SQLiteDeliveryRecords(database),
            people: SQLitePeopleRegister(database),
            locks: FileEnvironmentLocks(layout: layout),
            time: SystemTime(),
            digest: { SHA256.hash(data: $0).hexadecimal },
            readManifest: { try await ManifestParser.read(bytes: $0, for: $1, find: $2).get() },
        )
    }

    /// Runs until SIGTERM or SIGINT.
    ///
    /// Whatever is under way stays where it is, and goes on at the next start.
    func serve() async throws {
        if let holder = LocalPorts.holder(of: options.port) {
            throw Failure(
                .portTaken,
                "port \(options.port) is taken by \(holder)",
                hint: "stop it, or choose another: opshub serve --port PORT",
            )
        }
        try await router.start { try await control.engine.lastTraffic() }
        try await recovery.run()
        let application = ServerApplication.build(
            control,
            backend: backend,
            host: options.host,
            port: options.port,
            logger: logger,
            onRunning: { _ in announce() },
        )
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: EngineService(engine: control.engine),
                    successTerminationBehavior: .ignore,
                ),
                .init(service: rounds, successTerminationBehavior: .ignore),
                .init(service: copies, successTerminationBehavior: .ignore),
                .init(service: archives, successTerminationBehavior: .ignore),
                .init(service: queries, successTerminationBehavior: .ignore),
                .init(service: containers, successTerminationBehavior: .ignore),
                .init(service: application),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet,
        )
        // Followers of journals and logs would stay for ever; they come back by themselves.
        configuration.maximumGracefulShutdownDuration = .seconds(3)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Tells people and the command line where it answers.
    private func announce() {
        let info = RunInfo(url: control.url, process: ProcessIdentity.current)
        do {
            try DurableFile.write(Array(try JSONEncoder().encode(info)), to: options.layout.runInfo)
        } catch {
            logger.warning(
                "could not write where this control plane answers",
                metadata: ["error": "\(error)"],
            )
        }
        let settings = control.settings
        logger.info(
            "control plane is ready",
            metadata: [
                "api": "\(control.url)", "edge": "http://\(settings.publicAddress):\(settings.publicPort)",
                "home": "\(options.layout.root)", "token": "\(options.layout.token)",
            ],
        )
    }

    /// The lifecycle's own remarks are of no interest to an operator.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = .error
        return quiet
    }
}
