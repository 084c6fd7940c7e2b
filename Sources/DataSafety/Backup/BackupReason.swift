// SPDX-License-Identifier: Apache-2.0
public import Core

/// Why a backup was made.
public enum BackupReason: Hashable, Sendable, Codable {
    /// This deployment takes it before it migrates: `d12`.
    case deployment(String)
    /// This person asked for it.
    case command(by: String)
    /// It was time.
    case schedule
    /// Another home has made it; it was fetched from this store.
    case fetched(from: StoreName)
}

extension BackupReason: CustomStringConvertible {
    /// `before d12`, `asked for by ada`, `on schedule`.
    public var description: String {
        switch self {
        case .deployment(let id): "before \(id)"
        case .command(let person): "asked for by \(person)"
        case .schedule: "on schedule"
        case .fetched(let store): "fetched from \(store)"
        }
    }
}
