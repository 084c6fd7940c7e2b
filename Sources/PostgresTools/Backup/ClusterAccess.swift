// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// A running accessory, as backups and migrations reach it.
struct ClusterAccess {
    /// Where everything lies.
    let folder: ClusterFolder
    /// How to reach it.
    let record: ClusterRecord

    /// The server of an accessory.
    ///
    /// Throws `not-found` when it was never made.
    init(_ accessory: AccessoryName, of environment: EnvironmentKey, in layout: HomeLayout) throws(Failure) {
        let folder = ClusterFolder(accessory, of: environment, in: layout)
        guard let record = try ClusterRecord(folder) else {
            throw Failure(
                .notFound,
                "the accessory \(environment)/\(accessory) was never started",
                hint: "deploy \(environment) first",
            )
        }
        self.init(folder: folder, record: record)
    }

    /// A server by where it lies and how it is reached.
    init(folder: ClusterFolder, record: ClusterRecord) {
        self.folder = folder
        self.record = record
    }

    /// A call of a client program that talks to a database of this server.
    func program(
        _ path: String,
        _ arguments: [String],
        database: String,
        settings: [String: String] = [:],
        deadline: Duration,
    ) throws(Failure) -> Program {
        guard let account = SystemUser.find(name: record.account) else {
            throw Failure(.damagedState, "the account \(record.account), which owns \(folder.data), is gone")
        }
        return Program(
            path,
            ["--no-password"] + arguments,
            in: "/",
            environment: [
                "PATH": ExecutablePath.folders, "LC_ALL": "C.UTF-8", "PGHOST": record.socketFolder,
                "PGPORT": "\(record.port)", "PGUSER": ClusterRecord.superuser, "PGDATABASE": database,
                "PGPASSFILE": "/dev/null", "PGAPPNAME": "opshub backup",
                "PGOPTIONS": settings.sorted { $0.key < $1.key }.map { "-c \($0.key)=\($0.value)" }
                    .joined(separator: " "),
            ],
            inheritsEnvironment: false,
            as: account,
            deadline: deadline,
        )
    }

    /// What one of its databases holds that nobody changes, read as by a dump, and the version of the server.
    func fingerprint(
        of database: String,
        _ programs: PostgresPrograms,
        deadline: Duration,
        isBackground: Bool = false,
        knowing known: ReadTables = ReadTables(),
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        let dump = DatabaseDump(
            cluster: self,
            programs: programs,
            database: database,
            deadline: deadline,
            isBackground: isBackground,
            // Nothing that was written is at fault when what was restored can't be read.
            failure: .programFailed,
        )
        return try await telling("reading \(database)") {
            try await PostgresSession.with(record.endpoint(database, as: "drill").unswayed) { session in
                var fingerprint = DatabaseFingerprint(
                    try await dump.contentsInHalves(session, knowing: known)
                )
                fingerprint.extensions = try await ServerIdentity.extensions(session)
                return (fingerprint, try await ServerIdentity.version(session))
            }
        }
    }
}
