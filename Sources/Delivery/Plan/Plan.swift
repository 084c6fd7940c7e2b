// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a deployment will do, exactly; a person approves its digest.
public struct Plan: Sendable, Hashable, Codable {
    /// SHA-256 of `content`.
    public var digest: PlanDigest
    /// Everything that it says.
    public var content: PlanContent

    /// Describes a plan.
    public init(digest: PlanDigest, content: PlanContent) {
        self.digest = digest
        self.content = content
    }
}

/// One schema change that has not been applied yet.
public struct PendingMigration: Sendable, Hashable, Codable {
    /// The tool's name for it.
    public var revision: String
    /// What it says of itself.
    public var title: String

    /// Describes a migration.
    public init(revision: String, title: String) {
        self.revision = revision
        self.title = title
    }
}
