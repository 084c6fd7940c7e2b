// SPDX-License-Identifier: Apache-2.0

/// One migration of a release's history.
public struct MigrationEntry: Hashable, Sendable, Codable {
    /// Its name.
    public var id: MigrationRevision
    /// What people call it.
    public var title: String
    /// What it follows: none for a first one, several for a merge of branches.
    public var parents: [MigrationRevision]
    /// Whether nothing follows it.
    public var isHead: Bool

    /// Describes a migration.
    public init(
        id: MigrationRevision,
        title: String,
        parents: [MigrationRevision],
        isHead: Bool,
    ) {
        self.id = id
        self.title = title
        self.parents = parents
        self.isHead = isHead
    }
}
