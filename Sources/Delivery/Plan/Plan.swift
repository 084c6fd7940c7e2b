// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a deployment will do, exactly; a person approves its digest.
public struct Plan: Sendable, Hashable, Codable {
    /// SHA-256 of `content`.
    public var digest: PlanDigest
    /// Everything that it says.
    public var content: PlanContent
    /// What its migrations will mean, in their order; nil in a plan of an OpsHub that did not look.
    ///
    /// Not part of the digest: it follows from the commit and from tables that grow with every row, and what could not be
    /// found out before a build is known after it.
    public var verdicts: [MigrationVerdict]?
    /// Why it is not run: what `refuse_migrations` does not let through; nil in a plan of an OpsHub that did not look.
    public var refusals: [String]?

    /// Describes a plan.
    public init(
        digest: PlanDigest,
        content: PlanContent,
        verdicts: [MigrationVerdict]? = nil,
        refusals: [String]? = nil,
    ) {
        self.digest = digest
        self.content = content
        self.verdicts = verdicts
        self.refusals = refusals
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
