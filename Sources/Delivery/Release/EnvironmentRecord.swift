// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Who serves an environment, as the last concluded deployment left it.
public struct EnvironmentRecord: Sendable, Hashable, Codable {
    /// The environment.
    public var key: EnvironmentKey
    /// The release that has all traffic; nil before the first deployment has succeeded.
    public var serving: Placement?
    /// The release that served before and still runs, without traffic.
    public var warm: Placement?
    /// When the warm release is retired.
    public var warmUntil: Date?

    /// Describes an environment.
    public init(
        key: EnvironmentKey,
        serving: Placement? = nil,
        warm: Placement? = nil,
        warmUntil: Date? = nil,
    ) {
        self.key = key
        self.serving = serving
        self.warm = warm
        self.warmUntil = warmUntil
    }

    /// The slot for the next release: the one that does not serve.
    public var idleSlot: Slot { serving?.slot.other ?? .blue }
}
