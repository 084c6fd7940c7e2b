// SPDX-License-Identifier: Apache-2.0
public import Core

/// A database that a backup is restored into, beside those of applications, to take the place of one of them.
public struct ScratchDatabase: Hashable, Sendable {
    /// The one that it lies beside.
    public let original: DatabaseTarget
    /// Its name there.
    public let name: String

    /// Describes a scratch database.
    public init(_ name: String, beside original: DatabaseTarget) {
        self.original = original
        self.name = name
    }

    /// Its environment.
    public var environment: EnvironmentKey { original.environment }
    /// The accessory that holds it.
    public var accessory: AccessoryName { original.accessory }

    /// What the name of every one that shall take the place of a database begins with; no other database's may.
    public static let copyPrefix = "opshub_restore_"
    /// The same for one whose place was taken.
    public static let keptPrefix = "opshub_kept_"

    /// The same for those that drills once made beside applications' databases; nobody needs one any more.
    static let formerPrefix = "opshub_drill_"

    /// Whether a database is one of OpsHub's own, by its name.
    public static func isOwn(_ name: String) -> Bool {
        [copyPrefix, keptPrefix, formerPrefix].contains { name.hasPrefix($0) }
    }
}
