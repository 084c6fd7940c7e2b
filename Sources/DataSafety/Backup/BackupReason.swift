// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Why a backup was made.
public enum BackupReason: Hashable, Sendable, Codable {
    /// This deployment takes it before it migrates: `d12`.
    case deployment(String)
    /// What this deployment has applied is about to be taken back: `d12`.
    case takingBack(String)
    /// This person asked for it.
    case command(by: String)
    /// It was time.
    case schedule
    /// This person wants a database as it was at a moment.
    case moment(Date, by: String)
    /// Another home has made it; it was fetched from this store.
    case fetched(from: StoreName)
}

extension BackupReason: CustomStringConvertible {
    /// `before d12`, `asked for by ada`, `on schedule`.
    public var description: String {
        switch self {
        case .deployment(let id): "before \(id)"
        case .takingBack(let id): "before \(id) was taken back"
        case .command(let person): "asked for by \(person)"
        case .schedule: "on schedule"
        case .moment(let moment, let person): "as of \(moment.formatted(.iso8601)), asked for by \(person)"
        case .fetched(let store): "fetched from \(store)"
        }
    }
}

extension BackupReason {
    /// Whether a deployment waits for it.
    var isUrgent: Bool {
        switch self {
        case .deployment, .takingBack: true
        case .command, .schedule, .moment, .fetched: false
        }
    }
}
