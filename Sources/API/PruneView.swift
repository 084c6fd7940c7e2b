// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// What becomes of a release's build on the disk.
public struct PruneView: Codable, Sendable, Hashable {
    /// Its project.
    public var project: String
    /// Its environment.
    public var environment: String
    /// The release.
    public var release: String
    /// Its commit.
    public var commit: String
    /// When it was made.
    public var createdAt: Date
    /// What its files take on the disk, in bytes; absent when that was never measured.
    public var size: Int64?
    /// Whether it goes.
    public var goes: Bool
    /// Why it stays or goes.
    public var reason: String

    /// Describes a verdict.
    public init(
        project: String,
        environment: String,
        release: String,
        commit: String,
        createdAt: Date,
        size: Int64?,
        goes: Bool,
        reason: String,
    ) {
        self.project = project
        self.environment = environment
        self.release = release
        self.commit = commit
        self.createdAt = createdAt
        self.size = size
        self.goes = goes
        self.reason = reason
    }
}
