// SPDX-License-Identifier: Apache-2.0

/// What a migration can do to those who use the database, and to the way back.
public enum MigrationHazard: String, Sendable, Hashable, Codable, CaseIterable {
    /// It may not apply.
    case mayFail = "may-fail"
    /// What serves now may not work any more.
    case breaksRelease = "breaks-release"
    /// Rows or columns that are there are gone.
    case losesData = "loses-data"
    /// Readers and writers of a table wait for longer than a moment.
    case blocksReads = "blocks-reads"
    /// Writers of a table wait for longer than a moment.
    case blocksWrites = "blocks-writes"
    /// Nobody could find out, or not all of it.
    case unknown

    /// For people.
    public var inWords: String {
        switch self {
        case .mayFail: "may fail"
        case .breaksRelease: "breaks what serves"
        case .losesData: "loses data"
        case .blocksReads: "blocks readers and writers"
        case .blocksWrites: "blocks writers"
        case .unknown: "not all known"
        }
    }
}
