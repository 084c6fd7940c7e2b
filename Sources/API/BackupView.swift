// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// A backup as the API shows it.
public struct BackupView: Codable, Sendable, Hashable {
    /// Where its copy elsewhere stands.
    public struct Offsite: Codable, Sendable, Hashable {
        /// The store.
        public var store: String
        /// `off-site`, `off-site verified` or `not off-site`.
        public var state: String
        /// When every byte had been read back from there.
        public var copiedAt: Date?
        /// When the copy was last restored from there.
        public var provenAt: Date?
        /// Why there is no copy that counts.
        public var problem: String?

        /// Describes a copy.
        public init(store: String, state: String, copiedAt: Date?, provenAt: Date?, problem: String?) {
            self.store = store
            self.state = state
            self.copiedAt = copiedAt
            self.provenAt = provenAt
            self.problem = problem
        }
    }

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
    /// Its copy elsewhere; absent when none was to be made yet.
    public var offsite: Offsite?
    /// What is being done with it at this moment; absent when nothing is.
    public var progress: ProgressView?

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
        offsite: Offsite? = nil,
        progress: ProgressView? = nil,
    ) {
        self.id = id
        self.state = state
        self.database = database
        self.reason = reason
        self.startedAt = startedAt
        self.size = size
        self.sha256 = sha256
        self.proof = proof
        self.offsite = offsite
        self.progress = progress
    }
}
