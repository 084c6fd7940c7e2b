// SPDX-License-Identifier: Apache-2.0

/// Who asked for something, and how it reached OpsHub.
public struct Requester: Sendable, Hashable, Codable {
    /// How it reached OpsHub.
    public enum Channel: String, Sendable, Hashable, Codable {
        /// A push to the embedded remote.
        case push
        /// A command or an API call.
        case command
        /// OpsHub itself, because a branch was ahead of what serves.
        case reconciliation
        /// OpsHub itself, because what serves had drifted; it never takes the place of anything else.
        case healing
    }

    /// The person's name, as the channel knows it.
    public var name: String
    /// How it reached OpsHub.
    public var channel: Channel

    /// Describes who asked.
    public init(name: String, channel: Channel) {
        self.name = name
        self.channel = channel
    }
}
