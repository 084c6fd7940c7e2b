// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// One line that an instance wrote, as the API shows it.
public struct LogView: Codable, Sendable, Hashable {
    /// When.
    public var at: Date
    /// `backend.1`.
    public var instance: String
    /// The slot that the instance is in.
    public var slot: String
    /// What it wrote.
    public var text: String

    /// Describes a line.
    public init(at: Date, instance: String, slot: String, text: String) {
        self.at = at
        self.instance = instance
        self.slot = slot
        self.text = text
    }
}
