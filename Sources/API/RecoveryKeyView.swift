// SPDX-License-Identifier: Apache-2.0

/// The key of every backup as the API shows it.
public struct RecoveryKeyView: Codable, Sendable, Hashable {
    /// Names it.
    public var id: String
    /// Whether anybody has asked for it; until then it is lost with the machine.
    public var isExported: Bool
    /// The key itself; absent unless it was asked for.
    public var key: String?

    /// Describes a key.
    public init(id: String, isExported: Bool, key: String? = nil) {
        self.id = id
        self.isExported = isExported
        self.key = key
    }
}
