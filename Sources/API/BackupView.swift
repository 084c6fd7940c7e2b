// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A backup as the API shows it.
public struct BackupView: Codable, Sendable, Hashable {
    /// Its name: `b3`.
    public var id: String
    /// `started`, `written`, `verified` or `failed`.
    public var state: String
    /// What it is a copy of.
    public var database: String
    /// Why it was taken.
    public var reason: String
    /// When it was begun.
    public var startedAt: Date
    /// Bytes on disk.
    public var size: Int64?
    /// Of the dump, in hexadecimal.
    public var sha256: String?
    /// What the last restore drill found.
    public var proof: String?

    /// Describes a backup.
    public init(
        id: String,
        state: String,
        database: String,
        reason: String,
        startedAt: Date,
        size: Int64?,
        sha256: String?,
        proof: String?,
    ) {
        self.id = id
        self.state = state
        self.database = database
        self.reason = reason
        self.startedAt = startedAt
        self.size = size
        self.sha256 = sha256
        self.proof = proof
    }
}
