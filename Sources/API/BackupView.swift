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

    /// How far something long has come that is being done with it.
    public struct Progress: Codable, Sendable, Hashable {
        /// `waiting`, `recovering`, `dumping`, `hashing`, `restoring`, `comparing`, `sending` or `reading back`.
        public var stage: String
        /// For how many seconds.
        public var seconds: Double
        /// Bytes of the dump that have passed; 0 in stages that do not count them.
        public var done: Int64
        /// How many there will be; of a dump as many as last time, absent when nobody knows.
        public var total: Int64?

        /// Describes progress.
        public init(stage: String, seconds: Double, done: Int64, total: Int64?) {
            self.stage = stage
            self.seconds = seconds
            self.done = done
            self.total = total
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
    public var progress: Progress?

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
        progress: Progress? = nil,
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
