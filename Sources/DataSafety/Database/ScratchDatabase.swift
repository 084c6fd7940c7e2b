// SPDX-License-Identifier: Apache-2.0
public import Core

/// A database that a backup is restored into, beside those of applications: a restore drill fills and drops it, a restore puts
/// it in the place of another.
public struct ScratchDatabase: Hashable, Sendable {
    /// Its environment.
    public let environment: EnvironmentKey
    /// The accessory whose server holds it.
    public let accessory: AccessoryName
    /// Its name on that server.
    public let name: String

    /// Describes a scratch database.
    public init(environment: EnvironmentKey, accessory: AccessoryName, name: String) {
        self.environment = environment
        self.accessory = accessory
        self.name = name
    }

    /// What the name of every one that a drill makes begins with; no other database's may.
    public static let prefix = "opshub_drill_"
    /// The same for one that shall take the place of a database.
    public static let copyPrefix = "opshub_restore_"
    /// The same for one whose place was taken.
    public static let keptPrefix = "opshub_kept_"

    /// Whether a database is one of OpsHub's own, by its name.
    public static func isOwn(_ name: String) -> Bool {
        [prefix, copyPrefix, keptPrefix].contains { name.hasPrefix($0) }
    }

    /// The scratch database of a backup's drill: one per backup, so that a crashed drill's leftover is found again.
    public init(of backup: Backup) {
        self.init(
            environment: backup.database.environment,
            accessory: backup.database.accessory,
            name: Self.prefix + backup.id.rawValue,
        )
    }
}
