// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What Git knows of one commit.
public struct Commit: Sendable, Hashable, Codable {
    /// Its hash.
    public var id: CommitID
    /// The first line of its message.
    public var subject: String
    /// Name of its author.
    public var author: String
    /// When it was committed.
    public var committedAt: Date

    /// Describes a commit.
    public init(id: CommitID, subject: String, author: String, committedAt: Date) {
        self.id = id
        self.subject = subject
        self.author = author
        self.committedAt = committedAt
    }
}
