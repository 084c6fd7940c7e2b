// SPDX-License-Identifier: Apache-2.0

/// The database server that a dump came from, and how that database was made.
public struct ServerIdentity: Hashable, Sendable, Codable {
    /// Its full version: `15.20`.
    public var version: String
    /// Differs between any two clusters, also between one and its rebuilt successor.
    public var systemIdentifier: String
    /// The database's character encoding: `UTF8`.
    public var encoding: String
    /// The database's collation: `C.UTF-8`.
    public var collation: String
    /// The database's character classes: `C.UTF-8`.
    public var characterType: String

    /// Describes a server and database.
    public init(
        version: String,
        systemIdentifier: String,
        encoding: String,
        collation: String,
        characterType: String,
    ) {
        self.version = version
        self.systemIdentifier = systemIdentifier
        self.encoding = encoding
        self.collation = collation
        self.characterType = characterType
    }

    /// The part of the version within which dumps and programs fit each other; `15` of `15.20`.
    public var major: String { String(version.prefix { $0 != "." }) }
}
