// SPDX-License-Identifier: Apache-2.0
public import Core

/// A throwaway database that a restore drill fills and drops.
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

    /// What every scratch database's name begins with; no other database may.
    public static let prefix = "opshub_drill_"

    /// The scratch database of a backup: one per backup, so that a crashed drill's leftover is found again.
    public init(of backup: Backup) {
        self.init(
            environment: backup.database.environment,
            accessory: backup.database.accessory,
            name: Self.prefix + backup.id.rawValue,
        )
    }
}
