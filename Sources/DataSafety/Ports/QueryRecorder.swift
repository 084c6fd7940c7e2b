// SPDX-License-Identifier: Apache-2.0

/// Keeps in mind which queries a release asks of a database.
public protocol QueryRecorder: Sendable {
    /// Takes what is asked from now on for queries of this release, which alone serves.
    ///
    /// Idempotent: a record that has begun goes on.
    ///
    /// - Parameters:
    ///   - release: The release.
    ///   - mark: Names what has last run anything else there: another one begins another record.
    ///   - database: What it asks.
    /// - Returns: Why no queries are recorded there; nil when they are.
    /// - Throws: When the database does not answer.
    func begin(_ release: String, since mark: String, of database: DatabaseTarget) async throws -> String?
}
