// SPDX-License-Identifier: Apache-2.0
public import Core

/// Migrations that a deployment takes back, or brings without a release.
public struct SchemaChange: Sendable, Hashable, Codable {
    /// Which way.
    public enum Direction: String, Sendable, Hashable, Codable {
        /// They are applied.
        case up
        /// They are taken back, as they say themselves how.
        case down
    }

    /// Which way.
    public var direction: Direction
    /// Exactly these, in the order in which it happens.
    public var migrations: [PendingMigration]
    /// Whose database.
    public var accessory: AccessoryName
    /// The release that serves, which has the files of all of them.
    public var serving: ReleaseID

    /// Describes a change.
    public init(
        _ direction: Direction,
        _ migrations: [PendingMigration],
        of accessory: AccessoryName,
        serving: ReleaseID,
    ) {
        self.serving = serving
        self.direction = direction
        self.migrations = migrations
        self.accessory = accessory
    }
}
