// SPDX-License-Identifier: Apache-2.0

/// A lock on a whole relation, the weaker ones first.
///
/// The raw value is PostgreSQL's own name in `pg_locks`. What conflicts with what: PostgreSQL 15, "Explicit Locking",
/// table 13.2.
public enum LockMode: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
    /// Taken by every query.
    case accessShare = "AccessShareLock"
    /// Taken by `SELECT … FOR UPDATE`.
    case rowShare = "RowShareLock"
    /// Taken by everything that writes rows.
    case rowExclusive = "RowExclusiveLock"
    /// Keeps other schema changes and `VACUUM` out.
    case shareUpdateExclusive = "ShareUpdateExclusiveLock"
    /// Keeps writers out: an index is built.
    case share = "ShareLock"
    /// Keeps writers out: a trigger or a foreign key is made.
    case shareRowExclusive = "ShareRowExclusiveLock"
    /// Keeps writers out.
    case exclusive = "ExclusiveLock"
    /// Keeps everybody out.
    case accessExclusive = "AccessExclusiveLock"

    /// Whether `INSERT`, `UPDATE` and `DELETE` wait for it to be let go.
    public var blocksWrites: Bool { self >= .share }

    /// Whether `SELECT` waits too.
    public var blocksReads: Bool { self == .accessExclusive }

    /// As the documentation writes it: `ACCESS EXCLUSIVE`.
    public var inWords: String {
        rawValue.dropLast("Lock".count)
            .reduce(into: "") { words, letter in
                if letter.isUppercase, !words.isEmpty { words.append(" ") }
                words += letter.uppercased()
            }
    }

    /// Whether one is weaker than the other.
    public static func < (left: LockMode, right: LockMode) -> Bool { left.strength < right.strength }

    private var strength: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
