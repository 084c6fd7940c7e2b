// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a release's migrations did on a server of their own, from nothing to the newest.
public struct VerificationReport: Hashable, Sendable, Codable {
    /// What one of them did.
    public struct Entry: Hashable, Sendable, Codable {
        /// Which.
        public var migration: MigrationEntry
        /// What is to be said of it; nothing when it is clean.
        public var findings: [Finding]
        /// Tables and columns that are gone once it is taken back, with whatever is in them.
        public var drops: [SchemaChanges.Place]

        /// Describes what one did.
        public init(
            _ migration: MigrationEntry,
            _ findings: [Finding],
            drops: [SchemaChanges.Place] = [],
        ) {
            self.migration = migration
            self.findings = findings
            self.drops = drops
        }
    }

    /// Something that is to be said of a migration.
    public enum Finding: Hashable, Sendable, Codable {
        /// It fails on a database that has everything before it.
        case doesNotApply(String)
        /// One that it follows did not apply.
        case notReached
        /// An empty database is the same after it: it is about rows, or does nothing. Nothing is proven of it.
        case changesNothing
        /// It does not say how it is taken back, or that fails.
        case irreversible(String)
        /// Other branches were open beside it, which going back would have taken with it.
        case notTakenBack
        /// There after it was taken back, and not before it.
        case leavesBehind([String])
        /// Not as before after it was taken back.
        case doesNotRestore([String])
        /// It fails when it is applied again after it was taken back.
        case doesNotApplyAgain(String)
        /// It does something else the second time.
        case appliesOtherwise([String])
        /// Values that were in these columns are gone or other ones after down and up again.
        case losesRows([String])
        /// It fails where rows are, and not where none are.
        case failsOnRows(String)
        /// It says that it keeps data, and does not.
        case breaksItsWord(String)
        /// It says that it keeps data, and there were none to show it.
        case unshownWord

        /// Whether the migration has to be mended; anything else is only to be known.
        public var isMistake: Bool {
            switch self {
            case .doesNotApply, .notReached, .leavesBehind, .doesNotRestore, .doesNotApplyAgain,
                .appliesOtherwise, .breaksItsWord:
                true
            // Rows of a sample are not all rows, and what a way back drops is gone: that is for people to judge.
            case .changesNothing, .irreversible, .notTakenBack, .losesRows, .failsOnRows,
                .unshownWord:
                false
            }
        }
    }

    /// Every migration, in the order in which they were applied.
    public var entries: [Entry]
    /// What the models have otherwise than the schema; nil when nobody could say.
    public var drift: [String]?

    /// Those that nothing follows; with several, none says which is the newest.
    public var heads: [MigrationRevision]
    /// Rows that went along; nil when none were asked for, or nothing is applied that could have any.
    public var rows: SampledRows?
    /// What is otherwise when they are applied in one run, one sentence each; nil for nothing.
    public var inOneRun: [String]?

    /// Describes what was found.
    public init(
        entries: [Entry],
        drift: [String]?,
        heads: [MigrationRevision],
        rows: SampledRows? = nil,
        inOneRun: [String]? = nil,
    ) {
        self.entries = entries
        self.drift = drift
        self.heads = heads
        self.rows = rows
        self.inOneRun = inOneRun
    }

    /// What has to be mended and belongs to no single migration, one sentence each.
    public var general: [String] {
        let branches =
            heads.count > 1
            ? ["there are \(heads.count) heads, merge them: \(heads.map(\.rawValue).joined(separator: ", "))"]
            : []
        let hollow =
            isHollow
            ? [
                "nothing is proven: none of them changes anything in an empty database. Does what applies them commit?"
            ]
            : []
        return branches + hollow + (inOneRun ?? [])
            + (drift ?? []).map { "the models differ from the schema: \($0)" }
    }

    /// Whether there are migrations, and not one has done anything: that is no pass.
    private var isHollow: Bool {
        !entries.isEmpty && entries.allSatisfy { $0.findings.contains(.changesNothing) }
    }

    /// Whether there were any, at least one did something, and nothing has to be mended.
    public var isGood: Bool {
        !entries.isEmpty && !isHollow && heads.count == 1 && drift?.isEmpty != false && inOneRun == nil
            && !entries.contains { $0.findings.contains(where: \.isMistake) }
    }
}

extension VerificationReport.Finding: CustomStringConvertible {
    /// One sentence.
    public var description: String {
        switch self {
        case .doesNotApply(let why): "does not apply: \(why)"
        case .notReached: "not tried: one before it does not apply"
        case .changesNothing: "changes nothing in an empty database, so nothing is proven of it"
        case .irreversible(let why): "can't be taken back: \(why)"
        case .notTakenBack: "not taken back: other branches are open beside it"
        case .leavesBehind(let what): "leaves behind when it is taken back: \(what.joined(separator: ", "))"
        case .doesNotRestore(let what): "is not taken back wholly: \(what.joined(separator: ", "))"
        case .doesNotApplyAgain(let why): "does not apply again after it was taken back: \(why)"
        case .appliesOtherwise(let what):
            "does something else the second time: \(what.joined(separator: ", "))"
        case .losesRows(let what):
            "loses data on the way down and up again: what was in \(what.joined(separator: ", "))"
        case .breaksItsWord(let how): "says that it keeps data, and \(how)"
        case .unshownWord:
            "says that it keeps data, which nothing has shown: no rows were there, or it was not taken back (migrate verify --with-rows)"
        case .failsOnRows(let why): "does not apply where rows are, so it is tried without: \(why)"
        }
    }
}
