// SPDX-License-Identifier: Apache-2.0
public import Core

/// What can happen to a backup.
public enum BackupEvent: Hashable, Sendable {
    /// Every byte is on disk, and the manifest beside them.
    case dumped(BackupContent)
    /// Nothing usable was written.
    case dumpFailed(Failure)
    /// A drill restored it and found nothing that differs.
    case proven(DrillReport)
    /// Its bytes changed, do not restore, or restore to something else.
    case disproved(Failure)

    /// `dumped`, `dump-failed`, `proven` or `disproved`.
    public var name: String {
        switch self {
        case .dumped: "dumped"
        case .dumpFailed: "dump-failed"
        case .proven: "proven"
        case .disproved: "disproved"
        }
    }
}
