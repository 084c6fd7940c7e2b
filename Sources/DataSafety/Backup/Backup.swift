// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What a ``BackupID`` names.
public enum BackupSubject {}

/// Names a backup: `b1`.
public typealias BackupID = Identifier<BackupSubject>

/// One copy of one database, and how sure it is.
public struct Backup: Hashable, Sendable, Codable {
    /// Its name; never used twice in a home.
    public let id: BackupID
    /// What was copied.
    public let database: DatabaseTarget
    /// Why.
    public let reason: BackupReason
    /// When it began.
    public let startedAt: Date
    /// When its state was last changed.
    public private(set) var changedAt: Date
    /// How far it has come.
    public private(set) var state: BackupState
    /// Where its copy elsewhere stands; nil when there was none to be made yet.
    public internal(set) var offsite: OffsiteState?

    /// A backup that begins now.
    public init(id: BackupID, of database: DatabaseTarget, because reason: BackupReason, at now: Date) {
        self.id = id
        self.database = database
        self.reason = reason
        startedAt = now
        changedAt = now
        state = .started
    }

    /// Goes to the state that `event` leads to; the diagram is at ``BackupState``.
    ///
    /// - Throws: `conflict` when this can't happen to a backup in this state, which is then unchanged.
    public mutating func apply(_ event: BackupEvent, at now: Date) throws(Failure) {
        switch (state, event) {
        case (.started, .dumped(let content)): state = .written(content)
        case (.started, .dumpFailed(let failure)): state = .failed(failure, nil)
        case (.written(let content), .proven(let drill)),
            (.verified(let content, _), .proven(let drill)),
            (.failed(_, .some(let content)), .proven(let drill)):
            state = .verified(content, drill)
        case (.written(let content), .disproved(let failure)),
            (.verified(let content, _), .disproved(let failure)),
            (.failed(_, .some(let content)), .disproved(let failure)):
            state = .failed(failure, content)
        case (.started, .proven), (.started, .disproved),
            (.written, .dumped), (.written, .dumpFailed),
            (.verified, .dumped), (.verified, .dumpFailed),
            (.failed, .dumped), (.failed, .dumpFailed),
            (.failed(_, .none), .proven), (.failed(_, .none), .disproved):
            throw Failure(.conflict, "backup \(id) is \(state.name), so it can't be \(event.name)")
        }
        changedAt = now
    }
}

extension Backup {
    /// What was written; nil until then, and when nothing was kept.
    public var content: BackupContent? {
        switch state {
        case .started, .failed(_, .none): nil
        case .written(let content), .verified(let content, _), .failed(_, .some(let content)): content
        }
    }

    /// The last drill that proved it, unless a later one disproved it.
    public var drill: DrillReport? {
        guard case .verified(_, let drill) = state else { return nil }
        return drill
    }

    /// Why it failed.
    public var failure: Failure? {
        guard case .failed(let failure, _) = state else { return nil }
        return failure
    }

    /// When its database was as it is in it.
    public var asOf: Date {
        if case .moment(let moment, _) = reason { moment } else { startedAt }
    }

    /// Whether it was made of others, of base backups and a server's log: then they count, and it only helps.
    var isDerived: Bool {
        if case .moment = reason { true } else { false }
    }

    /// Whether a copy of it belongs in the environment's store; copies of whole servers are of use only with the log that is here.
    public var belongsOffsite: Bool { isVerified && database.kind != .cluster }

    /// Whether it counts: for a deployment that wants to migrate, and for retention.
    public var isVerified: Bool { drill != nil }
}
