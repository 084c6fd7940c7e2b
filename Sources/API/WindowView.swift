// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// The moments that a database can go back to, as the API shows them.
public struct WindowView: Codable, Sendable, Hashable {
    /// A stretch of time, of which any moment is possible.
    public struct Stretch: Codable, Sendable, Hashable {
        /// Its first moment.
        public var from: Date
        /// Its last.
        public var to: Date

        /// Describes a stretch.
        public init(from: Date, to: Date) {
            self.from = from
            self.to = to
        }
    }

    /// The accessory whose server's log is kept.
    public var accessory: String
    /// The database.
    public var database: String
    /// Oldest first; none before the first base backup.
    public var stretches: [Stretch]
    /// What keeps the archive from going on; absent when nothing does.
    public var problem: String?

    /// Describes what is possible.
    public init(accessory: String, database: String, stretches: [Stretch], problem: String?) {
        self.accessory = accessory
        self.database = database
        self.stretches = stretches
        self.problem = problem
    }
}
