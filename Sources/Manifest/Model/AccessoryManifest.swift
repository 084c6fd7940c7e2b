// SPDX-License-Identifier: Apache-2.0
public import Core

/// One stateful companion as `opshub.yml` describes it.
public struct AccessoryManifest: Hashable, Sendable, Codable {
    /// What it is.
    public enum Kind: Hashable, Sendable, Codable {
        /// `postgres: MAJOR`.
        case postgres(major: Int)
        /// `folder: VARIABLE`: files that outlive releases; services find their folder's path in that variable.
        case folder(variable: String)
    }

    /// Its key in the file.
    public var name: AccessoryName
    /// What it is, with its version.
    public var kind: Kind
    /// The database that is made in it, which is also its role's name.
    ///
    /// The project's name by default, with `_` for `-`; empty for a folder.
    public var database: String

    /// Describes an accessory.
    public init(name: AccessoryName, kind: Kind, database: String) {
        self.name = name
        self.kind = kind
        self.database = database
    }

    /// The variable that tells services where a database is, besides `DATABASE_URL`: `SECOND_DB_URL`.
    public var addressVariable: String {
        name.rawValue.uppercased().split(separator: "-").joined(separator: "_") + "_URL"
    }

    /// What people call its data: the database, or the folder.
    public var dataName: String { isDatabase ? database : name.rawValue }

    /// Whether it is a database server.
    public var isDatabase: Bool {
        switch kind {
        case .postgres: true
        case .folder: false
        }
    }
}
