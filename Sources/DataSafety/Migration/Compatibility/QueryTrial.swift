// SPDX-License-Identifier: Apache-2.0
import Core

/// What running the present release's queries against a migrated copy has shown, or why nothing is known of them.
public enum QueryEvidence: Hashable, Sendable, Codable {
    /// There is no record, and why.
    case none(String)
    /// They were tried.
    case tried(QueryTrial)
}

/// Which queries were tried.
public struct QueryTrial: Hashable, Sendable, Codable {
    /// What was recorded, and for how long.
    public var record: QueryRecord
    /// Which of them could not be tried before any migration either, by their place in the record: what is said with other words than
    /// values there (`interval $1`), or works on tables of a session's own.
    public var untried: [Int]

    /// Describes a trial.
    public init(record: QueryRecord, untried: [Int]) {
        self.record = record
        self.untried = untried
    }

    /// How many were tried.
    public var count: Int { record.queries.count - untried.count }

    /// How long a release must have been seen at work until what it did not ask for counts as not used: what runs every night has
    /// run by then.
    public static let enough: Duration = .seconds(86_400)
}

/// A query that worked before a migration and does not after it.
public struct BrokenQuery: Hashable, Sendable, Codable {
    /// The query.
    public var query: RecordedQuery
    /// What the server said.
    public var reason: String

    /// Describes one.
    public init(_ query: RecordedQuery, reason: String) {
        self.query = query
        self.reason = reason
    }
}
