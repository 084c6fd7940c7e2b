// SPDX-License-Identifier: Apache-2.0

/// The files of the release that serves, as far as they may ask for something of a database.
public protocol ReleaseCode: Sendable {
    /// Files that have one of these words, by the word: paths within the release, in order.
    ///
    /// Migrations and what others have made (packages, minified scripts) are left out. Reads only.
    ///
    /// - Returns: A list for each word, empty when no file has it; nil when there are no files to be looked at.
    /// - Throws: Why they can't be looked at.
    func files(naming words: Set<String>, of job: MigrationJob) async throws -> [String: [String]]?
}

/// For where nobody knows the files.
public struct UnknownCode: ReleaseCode {
    /// Knows none.
    public init() {}

    /// Nil.
    public func files(naming words: Set<String>, of job: MigrationJob) async throws -> [String: [String]]? {
        nil
    }
}
