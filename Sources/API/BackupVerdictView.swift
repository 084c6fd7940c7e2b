// SPDX-License-Identifier: Apache-2.0

/// What becomes of a backup, as the API shows it.
public struct BackupVerdictView: Codable, Sendable, Hashable {
    /// The backup.
    public var backup: BackupView
    /// Whether it goes.
    public var goes: Bool
    /// Why it stays; empty for one that goes.
    public var reasons: [String]

    /// Describes a verdict.
    public init(backup: BackupView, goes: Bool, reasons: [String]) {
        self.backup = backup
        self.goes = goes
        self.reasons = reasons
    }
}
