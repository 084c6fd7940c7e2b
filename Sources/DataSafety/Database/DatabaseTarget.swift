// SPDX-License-Identifier: Apache-2.0
public import Core

/// One database of one accessory: what is backed up, restored and migrated.
public struct DatabaseTarget: Hashable, Sendable, Codable, Comparable, CustomStringConvertible {
    /// The environment that it belongs to.
    public let environment: EnvironmentKey
    /// The accessory that holds it.
    public let accessory: AccessoryName
    /// Its name on the server.
    public let name: String

    /// Names a database of an accessory.
    public init(_ environment: EnvironmentKey, _ accessory: AccessoryName, _ name: String) {
        self.environment = environment
        self.accessory = accessory
        self.name = name
    }

    /// `tracehub/production/db/tracehub`.
    public var description: String { "\(environment)/\(accessory)/\(name)" }

    /// Orders by environment, accessory, name.
    public static func < (left: Self, right: Self) -> Bool {
        (left.environment, left.accessory, left.name) < (right.environment, right.accessory, right.name)
    }
}
