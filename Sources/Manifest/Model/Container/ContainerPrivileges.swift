// SPDX-License-Identifier: Apache-2.0

/// Who a container's program is, and what the kernel lets it do.
public struct ContainerPrivileges: Hashable, Sendable, Codable {
    /// A name or number, with a group behind a colon; the image's own user when nil.
    public var user: String?
    /// More groups that it is in.
    public var groups: [String]
    /// Capabilities that it has besides the engine's usual ones.
    public var addedCapabilities: [String]
    /// Capabilities that it has not.
    public var droppedCapabilities: [String]
    /// The engine's options: `no-new-privileges:true`.
    public var securityOptions: [String]
    /// Whether its image can't be written to.
    public var isReadOnly: Bool

    /// Describes privileges: none but the usual when nothing is said.
    public init(
        user: String? = nil,
        groups: [String] = [],
        addedCapabilities: [String] = [],
        droppedCapabilities: [String] = [],
        securityOptions: [String] = [],
        isReadOnly: Bool = false,
    ) {
        self.user = user
        self.groups = groups
        self.addedCapabilities = addedCapabilities
        self.droppedCapabilities = droppedCapabilities
        self.securityOptions = securityOptions
        self.isReadOnly = isReadOnly
    }
}
