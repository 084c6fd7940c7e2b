// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import HostSystem

/// Exchanges the data of Redis servers: the server ends, folders are renamed, and it begins on the other ones.
public struct RedisExchange: DatabaseExchange {
    private let layout: HomeLayout
    /// How long a server may take to read its data.
    private let patience: Duration

    /// Servers of a home.
    public init(layout: HomeLayout, patience: Duration = .seconds(120)) {
        self.layout = layout
        self.patience = patience
    }

    /// Nothing belongs to the data that is not in them; throws `invalid` for SQL.
    public func dress(_ copy: ScratchDatabase, like database: DatabaseTarget, masking: String?) async throws {
        guard masking == nil else {
            throw Failure(.invalid, "\(database) is a Redis server, where no SQL can mask anything")
        }
    }

    /// Keeps the application out, also when the server is started again; see ``DataSafety/DatabaseExchange``.
    public func shut(_ database: DatabaseTarget) async throws {
        let server = try await server(of: database)
        try await server.admit(application: false, patience)
        // From now on nobody can say who they are; those who have said it go.
        try await server.ask("CLIENT", "KILL", "USER", "default", "SKIPME", "yes")
    }

    /// Lets the application in; see ``DataSafety/DatabaseExchange``.
    ///
    /// Also where an exchange has stopped the server, and nothing has started it since.
    public func open(_ database: DatabaseTarget) async throws {
        let server = try await server(of: database)
        let isStopped = try FileContent.bytes(of: server.place.exchanging) != nil
        if isStopped, Folder.exists(server.place.data) { try await server.start(patience) }
        try await server.admit(application: true, patience)
        try Folder.removeFile(server.place.exchanging)
    }

    /// Exchanges two folders of data; see ``DataSafety/DatabaseExchange``.
    ///
    /// Between its steps the server does not run, and a second call does what is missing.
    public func exchange(_ database: DatabaseTarget, with copy: String, keeping kept: String) async throws {
        let server = try await server(of: database)
        let place = server.place
        let (copy, kept) = (place.copy(copy), place.copy(kept))
        if Folder.exists(copy) {
            guard !Folder.exists(place.data) || !Folder.exists(kept) else {
                throw Failure(
                    .conflict,
                    "\(kept) is there already, so \(database) can't be kept under that name",
                )
            }
            try Folder.make(place.closed, mode: 0o700)
            try DurableFile.write("", to: place.exchanging, mode: 0o600)
            try await server.stop()
            if Folder.exists(place.data) {
                try rename(place.data, to: kept, in: place)
            } else if !Folder.exists(kept) {
                try await server.makeFolder(kept)
            }
            try rename(copy, to: place.data, in: place)
        } else if !Folder.exists(kept) || !Folder.exists(place.data) {
            throw Failure(.notFound, "\(copy) is gone, so it can't take the place of \(database)")
        }
        try await server.start(patience)
        try await server.admit(application: true, patience)
        try Folder.removeFile(place.exchanging)
    }

    /// OpsHub's own data beside a server; see ``DataSafety/DatabaseExchange``.
    public func names(beside database: DatabaseTarget) async throws -> [String]? {
        let place = RedisPlace(database, in: layout)
        guard try RedisRecord(place) != nil else { return nil }
        return try place.copies()
    }

    /// Nobody counts what is written to keys, and they have no definitions.
    public func present(
        _ database: DatabaseTarget
    ) async throws -> (WriteCounters, definitions: [String: String]) {
        (WriteCounters(identity: ""), [:])
    }

    private func server(of database: DatabaseTarget) async throws -> RedisServer {
        let owner = try await UnprivilegedAccount().ensure(AccountName(database.environment, .data))
        return try RedisServer(RedisPlace(database, in: layout), owner: owner)
    }

    private func rename(_ path: String, to target: String, in place: RedisPlace) throws(Failure) {
        try Folder.make(place.closed, mode: 0o700)
        try Folder.rename(path, to: target)
        try DurableFolder.sync(place.closed)
        try DurableFolder.sync(place.path)
    }
}
