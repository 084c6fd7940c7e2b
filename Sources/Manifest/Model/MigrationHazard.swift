// SPDX-License-Identifier: Apache-2.0

/// What a migration can do to those who use the database, and to the way back.
public enum MigrationHazard: String, Sendable, Hashable, Codable, CaseIterable {
    /// It may not apply.
    case mayFail = "may-fail"
    /// Queries that were recorded of what serves fail on the new schema.
    case breaksQueries = "breaks-queries"
    /// Code of what serves names what is gone, and no record of its queries says that it is not used; or a function of the database does.
    case breaksCode = "breaks-code"
    /// What serves now may not work any more.
    case breaksRelease = "breaks-release"
    /// Rows or columns that are there are gone.
    case losesData = "loses-data"
    /// Readers and writers of a table wait for longer than a moment.
    case blocksReads = "blocks-reads"
    /// Writers of a table wait for longer than a moment.
    case blocksWrites = "blocks-writes"
    /// Taken down and up again it is not what it was; found out only where an environment refuses it.
    case failsVerification = "fails-verification"
    /// It does not say how it is taken back; found out only where an environment refuses it.
    case irreversible
    /// Nobody could find out, or not all of it.
    case unknown

    /// Whether only `migrate verify` tells, which applies every migration from nothing.
    public var needsVerification: Bool { self == .failsVerification || self == .irreversible }

    /// Whether only what serves meanwhile is harmed, by the schema or by waiting for it.
    public var concernsServing: Bool {
        concernsRelease || self == .blocksReads || self == .blocksWrites
    }

    /// Whether what serves meanwhile does not bear the schema that comes.
    public var concernsRelease: Bool { [.breaksRelease, .breaksCode, .breaksQueries].contains(self) }

    /// For people.
    public var inWords: String {
        switch self {
        case .mayFail: "may fail"
        case .breaksQueries: "fails queries of what serves"
        case .breaksCode: "breaks code of what serves"
        case .breaksRelease: "breaks what serves"
        case .losesData: "loses data"
        case .blocksReads: "blocks readers and writers"
        case .blocksWrites: "blocks writers"
        case .failsVerification: "is not verified"
        case .irreversible: "can't be taken back"
        case .unknown: "not all known"
        }
    }
}
