// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// One database of one accessory, a Redis server or a folder of files: what is backed up, restored and migrated.
public struct DatabaseTarget: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// What keeps the data.
    public enum Kind: String, Hashable, Sendable, Codable {
        /// A PostgreSQL server.
        case postgres
        /// A Redis server.
        case redis
        /// A folder of files.
        case folder
        /// All of a PostgreSQL server's files, which go back to any moment with its write-ahead log.
        case cluster
    }

    /// The environment that it belongs to.
    public let environment: EnvironmentKey
    /// The accessory that holds it.
    public let accessory: AccessoryName
    /// Its name on the server.
    public let name: String
    /// Nil for PostgreSQL, as earlier versions wrote it.
    private let other: Kind?

    /// Names a database of an accessory.
    public init(
        _ environment: EnvironmentKey,
        _ accessory: AccessoryName,
        _ name: String,
        kind: Kind = .postgres,
    ) {
        self.environment = environment
        self.accessory = accessory
        self.name = name
        other = kind == .postgres ? nil : kind
    }

    /// Names what an accessory of an environment keeps; nil for one whose data nobody here knows how to copy.
    public init?(_ environment: EnvironmentKey, _ accessory: AccessoryManifest) {
        switch accessory.kind {
        case .postgres: self.init(environment, accessory.name, accessory.database)
        case .redis: self.init(environment, accessory.name, Self.keys, kind: .redis)
        case .folder: self.init(environment, accessory.name, Self.files, kind: .folder)
        case .container: return nil
        }
    }

    /// What an accessory keeps, where somebody asks for just that.
    ///
    /// Throws `conflict` for one whose data nobody here knows how to copy.
    public static func named(
        _ environment: EnvironmentKey,
        _ accessory: AccessoryManifest,
    ) throws(Failure) -> DatabaseTarget {
        guard let target = DatabaseTarget(environment, accessory) else {
            throw Failure(
                .conflict,
                "\(accessory.name) of \(environment) is \(accessory.noun), whose data OpsHub does not copy",
                hint:
                    "copy it with its own tools, or make it an accessory of opshub.yml: \(accessory.name): { postgres: 15 }",
            )
        }
        return target
    }

    /// The whole server that holds a database of PostgreSQL.
    public static func cluster(of database: DatabaseTarget) -> DatabaseTarget {
        DatabaseTarget(database.environment, database.accessory, "server", kind: .cluster)
    }

    private enum CodingKeys: String, CodingKey {
        case environment, accessory, name
        case other = "kind"
    }

    /// What every folder's data are called.
    private static let files = "files"
    /// What every Redis server's data are called.
    private static let keys = "keys"

    /// What keeps it.
    public var kind: Kind { other ?? .postgres }

    /// `tracehub/production/db/tracehub`, or `tracehub/production/uploads`.
    public var description: String {
        switch kind {
        case .postgres: "\(environment)/\(accessory)/\(name)"
        case .redis, .folder, .cluster: "\(environment)/\(accessory)"
        }
    }

    /// Orders by environment, accessory, name.
    public static func < (left: Self, right: Self) -> Bool {
        (left.environment, left.accessory, left.name) < (right.environment, right.accessory, right.name)
    }

    /// The beginning of a sentence that says how much came back: `3 tables and 48112 rows are the same`, `1 file is the same`.
    public func isTheSame(tables: Int, rows: Int64) -> String {
        switch kind {
        case .postgres:
            "\(tables) table\(tables == 1 ? "" : "s") and \(rows) row\(rows == 1 ? "" : "s") are the same"
        case .redis: rows == 1 ? "1 key is there" : "\(rows) keys are there"
        case .folder: rows == 1 ? "1 file is the same" : "\(rows) files are the same"
        case .cluster: "\(rows) files are the same, and a server starts with them"
        }
    }
}
