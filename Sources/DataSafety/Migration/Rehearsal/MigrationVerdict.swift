// SPDX-License-Identifier: Apache-2.0

/// What applying a migration means for those who use the database, and for the way back.
public struct MigrationVerdict: Hashable, Sendable, Codable {
    /// What can go wrong, the worst last.
    public enum Hazard: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
        /// Part of it could not be watched.
        case unknown
        /// Writers of a table wait for longer than a moment.
        case blocksWrites = "blocks-writes"
        /// Readers too.
        case blocksReads = "blocks-reads"
        /// Rows or columns that are there are gone.
        case losesData = "loses-data"
        /// What serves now may not work any more.
        case breaksRelease = "breaks-release"
        /// Code of what serves, or of its database, names what is gone, as far as words tell.
        case breaksCode = "breaks-code"
        /// Queries that were recorded of what serves fail after it.
        case breaksQueries = "breaks-queries"
        /// It may not apply.
        case mayFail = "may-fail"

        /// Whether one is less bad than the other.
        public static func < (left: Hazard, right: Hazard) -> Bool { left.rank < right.rank }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// One thing that was found.
    public struct Finding: Hashable, Sendable, Codable {
        /// What can go wrong.
        public var hazard: Hazard
        /// What does it, to what, and how large that is.
        public var sentence: String
        /// A safer form; nil when there is none to name.
        public var advice: String?

        /// Describes a finding.
        public init(_ hazard: Hazard, _ sentence: String, advice: String? = nil) {
            self.hazard = hazard
            self.sentence = sentence
            self.advice = advice
        }
    }

    /// Of which migration.
    public var migration: PendingMigration
    /// Everything that was found, the worst first; empty when it is safe.
    public var findings: [Finding]
    /// What speaks for it; nil when nobody knows anything.
    public var remark: String?

    /// Describes a verdict.
    public init(migration: PendingMigration, findings: [Finding], remark: String? = nil) {
        self.migration = migration
        self.findings = findings
        self.remark = remark
    }

    /// Each hazard once, the worst first.
    public var hazards: [Hazard] { Set(findings.map(\.hazard)).sorted(by: >) }
}
