// SPDX-License-Identifier: Apache-2.0
public import Core

/// One stateful companion as `opshub.yml` describes it.
public struct AccessoryManifest: Hashable, Sendable, Codable {
    /// What it is.
    public enum Kind: Hashable, Sendable, Codable {
        /// `postgres: MAJOR`.
        case postgres(major: Int)
    }

    /// Its key in the file.
    public var name: AccessoryName
    /// What it is, with its version.
    public var kind: Kind
    /// The database that is made in it, which is also its role's name; the project's name by default, with `_` for `-`.
    public var database: String

    /// Describes an accessory.
    public init(name: AccessoryName, kind: Kind, database: String) {
        self.name = name
        self.kind = kind
        self.database = database
    }
}
