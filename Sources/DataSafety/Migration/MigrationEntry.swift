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
    /// Whether it says of itself that every value is as it was once it is taken back and applied again; nil for one that does not.
    public var keepsData: Bool?

    /// Where it says so: in a comment at the beginning of its file, or in what describes it.
    public static let keepsDataMark = "opshub: keeps-data"

    /// Describes a migration.
    public init(
        id: MigrationRevision,
        title: String,
        parents: [MigrationRevision],
        isHead: Bool,
        keepsData: Bool = false,
    ) {
        self.id = id
        self.title = title
        self.parents = parents
        self.isHead = isHead
        self.keepsData = keepsData ? true : nil
    }
}
