// SPDX-License-Identifier: Apache-2.0
public import Core

/// One stateful companion as `opshub.yml` describes it.
public struct AccessoryManifest: Hashable, Sendable, Codable {
    /// What it is.
    public enum Kind: Hashable, Sendable, Codable {
        /// `postgres: MAJOR`.
        case postgres(major: Int)
        /// `redis: MAJOR`.
        case redis(major: Int)
        /// `folder: VARIABLE`: files that outlive releases; services find their folder's path in that variable.
        case folder(variable: String)
        /// A compose service that keeps data.
        case container(ContainerAccessoryManifest)
    }

    /// What is kept besides backups.
    public enum Archive: String, Hashable, Sendable, Codable, CaseIterable {
        /// PostgreSQL's write-ahead log, with which any moment can be gone back to.
        case wal
    }

    /// Its key in the file.
    public var name: AccessoryName
    /// What it is, with its version.
    public var kind: Kind
    /// The database that is made in it, which is also its role's name.
    ///
    /// The project's name by default, with `_` for `-`; empty for anything but PostgreSQL.
    public var database: String
    /// What is kept besides backups; nil for nothing.
    public var archive: Archive?

    /// Describes an accessory.
    public init(name: AccessoryName, kind: Kind, database: String, archive: Archive? = nil) {
        self.name = name
        self.kind = kind
        self.database = database
        self.archive = archive
    }

    /// The variable that tells services where a server is, besides ``usualVariable``: `SECOND_DB_URL`.
    public var addressVariable: String {
        name.rawValue.uppercased().split(separator: "-").joined(separator: "_") + "_URL"
    }

    /// What people call its data: the database where there may be several, or the accessory.
    public var dataName: String { database.isEmpty ? name.rawValue : database }

    /// Whether migrations can change it.
    public var isDatabase: Bool {
        switch kind {
        case .postgres: true
        case .redis, .folder, .container: false
        }
    }

    /// Whether OpsHub knows how to copy its data and to bring them back.
    public var isCopied: Bool {
        switch kind {
        case .postgres, .redis, .folder: true
        case .container: false
        }
    }

    /// Whether it is a server, which has a port.
    public var isServer: Bool {
        switch kind {
        case .postgres, .redis: true
        case .folder, .container: false
        }
    }

    /// What it is, in a sentence: `a folder`.
    public var noun: String {
        switch kind {
        case .postgres: "a PostgreSQL server"
        case .redis: "a Redis server"
        case .folder: "a folder"
        case .container: "a container"
        }
    }

    /// The variable that tells services where the only one of its kind is.
    public var usualVariable: String? {
        switch kind {
        case .postgres: "DATABASE_URL"
        case .redis: "REDIS_URL"
        case .folder, .container: nil
        }
    }
}
