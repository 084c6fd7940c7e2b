// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A release as the API shows it.
public struct ReleaseView: Codable, Sendable, Hashable {
    /// Its name: `r7`.
    public var id: String
    /// Its commit.
    public var commit: String
    /// The first line of the commit's message.
    public var subject: String
    /// The commit's author.
    public var author: String
    /// When it was made.
    public var createdAt: Date
    /// `serving`, `warm`, `built`, `not-built` or `retired`.
    public var state: String
    /// What its files take on the disk, in bytes; absent when it has none.
    public var size: Int64?

    /// Describes a release.
    public init(
        id: String,
        commit: String,
        subject: String,
        author: String,
        createdAt: Date,
        state: String,
        size: Int64? = nil,
    ) {
        self.id = id
        self.commit = commit
        self.subject = subject
        self.author = author
        self.createdAt = createdAt
        self.state = state
        self.size = size
    }
}
