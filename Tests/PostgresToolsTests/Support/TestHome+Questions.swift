// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Testing

@testable import PostgresTools

extension TestHome {
    /// Makes a server run.
    func ensure(_ accessory: AccessorySpecification) async throws -> DatabaseAddress {
        try #require(try await accessories.ensure(accessory).database)
    }

    /// As an accessory's application reaches it.
    func endpoint(_ address: DatabaseAddress) -> PostgresEndpoint {
        PostgresEndpoint(
            host: address.host,
            port: address.port,
            database: address.database,
            user: address.user,
            password: address.password,
        )
    }

    /// The first row that a statement gives the application.
    func ask(_ address: DatabaseAddress, _ statement: String) async throws -> PostgresRow {
        try await PostgresSession.with(endpoint(address)) { session in
            try await session.query(statement).first ?? PostgresRow(values: [])
        }
    }

    /// Starts an accessory and runs statements in it as OpsHub's own role.
    func administer(_ accessory: AccessorySpecification, _ statements: [String]) async throws {
        _ = try await ensure(accessory)
        let record = try #require(try ClusterRecord(folder(accessory)))
        try await PostgresSession.with(record.endpoint("postgres", as: "test")) { session in
            for statement in statements { try await session.query(statement) }
        }
    }

    /// The server's process.
    func process(_ accessory: AccessorySpecification) throws -> Int32? {
        try Supervisor().status(of: folder(accessory).service)?.process
    }

    /// The steps that an accessory is made of.
    func server(_ accessory: AccessorySpecification) async throws -> ClusterServer {
        let folder = folder(accessory)
        try Folder.make(folder.path)
        return ClusterServer(
            folder: folder,
            programs: try await PostgresPrograms.locate(15),
            port: accessory.port,
            owner: try await UnprivilegedAccount().ensure(dataAccount),
            supervisor: Supervisor(),
        )
    }

    /// Neither the server nor anything in its data belongs to root.
    func expectUnprivileged(_ accessory: AccessorySpecification) throws {
        let process = try #require(try accessories.status(of: accessory)?.process)
        var state = stat()
        #expect(unsafe stat("/proc/\(process)", &state) == 0)
        #expect(state.st_uid != 0)
        #expect(unsafe stat(folder(accessory).data, &state) == 0)
        #expect(state.st_uid != 0)
    }
}

/// The permission bits of a file.
func mode(of path: String) throws -> UInt32 {
    var state = stat()
    try #require(unsafe lstat(path, &state) == 0, "there is no \(path)")
    return state.st_mode & 0o7777
}

extension FileContent {
    /// Adds a text to the end of a file.
    static func append(_ text: String, to path: String) throws {
        let before = try #require(try FileContent.text(of: path))
        var state = stat()
        try #require(unsafe stat(path, &state) == 0)
        try DurableFile.write(before + text, to: path, mode: state.st_mode & 0o777)
        try Folder.setOwner(userID: state.st_uid, groupID: state.st_gid, of: path)
    }
}
