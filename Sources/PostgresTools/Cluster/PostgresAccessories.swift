// SPDX-License-Identifier: Apache-2.0
public import Core
import DataSafety
public import Delivery
public import HostSystem
public import Manifest

/// PostgreSQL servers as accessories: one cluster each, supervised by runit outside of the control plane.
///
/// Every step can be repeated, and each leaves either what the next one needs or nothing: the cluster is
/// made beside its place and renamed into it, the password is on disk before the server knows it, and the
/// record of how to reach the server comes last.
public struct PostgresAccessories: AccessoryRuntime {
    let layout: HomeLayout
    let supervisor: Supervisor
    let accounts: UnprivilegedAccount
    /// How long a server may take to answer after it was started; recovering from a crash takes longest.
    let patience: Duration
    /// Where the major versions are looked for.
    let packages: String
    /// Accessories that something is being done to.
    private let busy = Claims<String>()

    /// Puts the parts together.
    ///
    /// There must be one of these per home.
    public init(
        layout: HomeLayout,
        supervisor: Supervisor = Supervisor(),
        accounts: UnprivilegedAccount = UnprivilegedAccount(),
        patience: Duration = .seconds(120),
        packages: String = PostgresPrograms.packaged,
    ) {
        self.layout = layout
        self.supervisor = supervisor
        self.accounts = accounts
        self.patience = patience
        self.packages = packages
    }

    /// The server of the major version that the manifest asks for.
    public func version(of accessory: AccessoryManifest) async throws -> String {
        let programs = try await PostgresPrograms.locate(try accessory.major, below: packages)
        return "PostgreSQL \(try await programs.version(of: "postgres"))"
    }

    /// Makes the server, role and database exist and answer; see ``Delivery/AccessoryRuntime``.
    ///
    /// Another port in the manifest replaces the running server by one on that port, with the same data.
    public func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress {
        try DatabaseNameRule.check(accessory.manifest.database)
        return try await alone(with: accessory) { folder in
            let programs = try await PostgresPrograms.locate(try accessory.manifest.major, below: packages)
            let owner = try await accounts.ensure(AccountName(accessory.environment, .data))
            try refuseFolder(accessory, folder)
            try Folder.make(folder.path)
            var generator = SystemRandomNumberGenerator()
            let password = try GeneratedPassword.keep(in: folder.password, using: &generator)
            let server = ClusterServer(
                folder: folder,
                programs: programs,
                port: accessory.port,
                owner: owner,
                supervisor: supervisor,
                keepsLog: accessory.manifest.archive == .wal,
            )
            try await server.makeCluster()
            try await server.start(patience)
            try await ClusterContent(
                server: server,
                database: accessory.manifest.database,
                password: password,
            )
            .make()
            try server.record(database: accessory.manifest.database).write(to: folder)
            let receiver = LogReceiver(server: server)
            if server.keepsLog { try await receiver.ensure() } else { try await receiver.remove() }
            return address(accessory, port: accessory.port, password)
        }
    }

    /// Where the server answers; nil when it was never made completely.
    public func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress? {
        let folder = folder(of: accessory)
        guard let record = try ClusterRecord(folder),
            let password = try GeneratedPassword.read(folder.password)
        else {
            return nil
        }
        return address(accessory, port: record.port, password)
    }

    /// Ends the server: disconnects everybody, writes everything down, and stops.
    ///
    /// Idempotent. The data stay, and ``ensure(_:)`` starts it again.
    public func stop(_ accessory: AccessorySpecification) async throws {
        try await alone(with: accessory) { folder in
            try await supervisor.stop(folder.service)
            try await supervisor.stop(LogReceiver.service(folder))
        }
    }

    /// Whether the server's process runs; nil when it was never started.
    public func status(of accessory: AccessorySpecification) throws -> SupervisedStatus? {
        try supervisor.status(of: folder(of: accessory).service)
    }

    /// What lies there may be an accessory of another kind, which opshub.yml called so before.
    private func refuseFolder(_ accessory: AccessorySpecification, _ folder: ClusterFolder) throws(Failure) {
        guard !Folder.exists(folder.data), try FileContent.bytes(of: folder.record) == nil,
            try Folder.names(in: folder.path).contains(where: { $0.hasSuffix(".json") })
        else { return }
        throw Failure(
            .conflict,
            "\(folder.path) holds something else than a PostgreSQL server",
            hint: "give the new accessory another name than \(accessory.manifest.name)",
        )
    }

    private func folder(of accessory: AccessorySpecification) -> ClusterFolder {
        ClusterFolder(accessory.manifest.name, of: accessory.environment, in: layout)
    }

    private func address(
        _ accessory: AccessorySpecification,
        port: Int,
        _ password: Secret,
    ) -> AccessoryAddress {
        .database(
            DatabaseAddress(
                host: "127.0.0.1",
                port: port,
                database: accessory.manifest.database,
                user: accessory.manifest.database,
                password: password,
            )
        )
    }

    /// Waits until nothing else is done to the same accessory: neither its files nor its supervisor bear
    /// two at once.
    private func alone<Result: Sendable>(
        with accessory: AccessorySpecification,
        body: (ClusterFolder) async throws -> Result,
    ) async throws -> Result {
        let folder = folder(of: accessory)
        let isMine = try await Patience.wait(patience * 2) {
            busy.take(folder.path, for: "an accessory") == nil
        }
        guard isMine else {
            throw Failure(
                .deadlineExceeded,
                "\(accessory.environment)/\(accessory.manifest.name) is still being started or stopped",
                isRetryable: true,
            )
        }
        defer { busy.release(folder.path) }
        return try await body(folder)
    }
}

extension AccessoryManifest {
    /// PostgreSQL's major version.
    fileprivate var major: Int {
        get throws(Failure) {
            guard case .postgres(let major) = kind else {
                throw Failure(.unexpected, "\(name) is no PostgreSQL server")
            }
            return major
        }
    }
}
