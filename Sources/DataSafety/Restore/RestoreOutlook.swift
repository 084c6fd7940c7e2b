// SPDX-License-Identifier: Apache-2.0

/// What a restore would mean, found out without changing anything.
public struct RestoreOutlook: Hashable, Sendable {
    /// What would be restored.
    public var backup: Backup
    /// The database whose place it would take.
    public var target: DatabaseTarget
    /// What was written since the backup, by table, and would be lost; nil when the server can't tell.
    public var writes: [String: WriteCounters.Writes]?
    /// What would become of definitions that are not as they were, one sentence each; nil for another environment's, and where an earlier
    /// version made the backup.
    public var schemaDifferences: [String]?

    /// Describes an outlook.
    public init(
        backup: Backup,
        target: DatabaseTarget,
        writes: [String: WriteCounters.Writes]?,
        schemaDifferences: [String]?,
    ) {
        self.backup = backup
        self.target = target
        self.writes = writes
        self.schemaDifferences = schemaDifferences
    }
}
