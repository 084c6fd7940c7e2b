// SPDX-License-Identifier: Apache-2.0

/// One revision that a release has and its database has not.
public struct PendingMigration: Hashable, Sendable, Codable, CustomStringConvertible {
    /// Its revision.
    public var id: MigrationRevision
    /// What its author called it.
    public var title: String

    /// Describes a revision.
    public init(id: MigrationRevision, title: String) {
        self.id = id
        self.title = title
    }

    /// `0002 add shipment weight`.
    public var description: String { title.isEmpty ? "\(id)" : "\(id) \(title)" }
}
