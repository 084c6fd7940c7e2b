// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import HostSystem

/// How to reach an accessory's server: written once everything about it was made.
struct ClusterRecord: Hashable, Codable {
    /// The role of OpsHub itself; it may everything and comes in through the socket alone.
    static let superuser = "opshub_server"

    /// The format of this file.
    var format = 1
    /// PostgreSQL's major version.
    var major: Int
    /// The loopback port.
    var port: Int
    /// The database, and the role that owns it.
    var database: String
    /// Where the socket is.
    var socketFolder: String
    /// The account that the server runs as.
    var account: String

    /// Reads it; nil when the accessory was never made.
    init?(_ folder: ClusterFolder) throws(Failure) {
        guard let bytes = try FileContent.bytes(of: folder.record) else { return nil }
        do {
            self = try JSONDecoder().decode(ClusterRecord.self, from: Data(bytes))
        } catch {
            throw Failure(
                .damagedState,
                "\(folder.record) can't be read",
                hint: "remove that file; the next deployment writes it again",
                cause: String(describing: error),
            )
        }
    }

    /// Describes a server.
    init(major: Int, port: Int, database: String, socketFolder: String, account: String) {
        self.major = major
        self.port = port
        self.database = database
        self.socketFolder = socketFolder
        self.account = account
    }

    /// Writes it durably.
    func write(to folder: ClusterFolder) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.write(Array(try encoder.encode(self)) + [0x0A], to: folder.record, mode: 0o600)
    }

    /// A database of this server for OpsHub itself; in `postgres`, into which everybody may come, nothing that somebody has put there is
    /// taken for the server's own.
    func endpoint(_ database: String, as purpose: String) -> PostgresEndpoint {
        let endpoint = PostgresEndpoint(
            host: socketFolder,
            port: port,
            database: database,
            user: Self.superuser,
        )
        .named("opshub \(purpose)")
        return database == "postgres" ? endpoint.unswayed : endpoint
    }
}
