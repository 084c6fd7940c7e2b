// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Where a backup's copy elsewhere stands.
///
///     absent ──copied──▶ off-site ──proven──▶ off-site verified
///       │ ▲                 │                      │
///     failed◀──────────── failed ◀─────────────────┘
///
/// A failure of any kind leaves nothing that counts: what is off-site was read back from there, byte for byte, after the last
/// failure.
public struct OffsiteState: Hashable, Sendable, Codable {
    /// The store.
    public let store: StoreName
    /// Where that was when this was written; a store of that name may be somewhere else since.
    public let address: String
    /// Whether another home has sent the copy: it is not this one's to remove.
    public let isForeign: Bool
    /// When every byte had been read back from the store and was right; nil while there is no copy that counts.
    public private(set) var copiedAt: Date?
    /// The last drill that restored the copy from the store.
    public private(set) var drill: DrillReport?
    /// Why there is no copy that counts.
    public private(set) var failure: Failure?
    /// Attempts that failed since one succeeded.
    public private(set) var failures = 0
    /// When any of this last changed.
    public private(set) var changedAt: Date

    /// A backup that is to be copied to a store.
    public init(store: StoreName, at address: String, isForeign: Bool = false, since now: Date) {
        self.store = store
        self.address = address
        self.isForeign = isForeign
        changedAt = now
    }

    /// Whether it is about this place.
    func isAbout(_ store: StoreName, at address: String) -> Bool {
        self.store == store && self.address == address
    }

    /// Whether there is a copy that was read back.
    public var isCopied: Bool { copiedAt != nil }

    /// `off-site`, `off-site verified`, `not off-site`.
    public var name: String { drill != nil ? "off-site verified" : isCopied ? "off-site" : "not off-site" }

    /// The copy is there, and every byte of it was read back.
    mutating func copied(at now: Date) {
        (copiedAt, drill, failure, failures, changedAt) = (now, nil, nil, 0, now)
    }

    /// The copy was restored from the store, and what came back was what had been there.
    mutating func proven(_ report: DrillReport, at now: Date) {
        (copiedAt, drill, changedAt) = (copiedAt ?? now, report, now)
    }

    /// There is no copy, or it is none that counts.
    mutating func failed(_ reason: Failure, at now: Date) {
        (copiedAt, drill, failure, failures, changedAt) = (nil, nil, reason, failures + 1, now)
    }

    /// Whether an attempt is due: 10 minutes after the first failure, twice as long after each further one, at most 160.
    func isDue(at now: Date) -> Bool {
        guard !isCopied else { return false }
        guard failures > 0 else { return true }
        // A clock that was put back must not put the copy off.
        let waited = now.timeIntervalSince(changedAt)
        return waited < 0 || waited >= 600 * Double(1 << min(failures - 1, 4))
    }
}
