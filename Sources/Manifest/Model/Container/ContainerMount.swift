// SPDX-License-Identifier: Apache-2.0
public import Core

/// Something that a container sees in its file system besides its image.
public struct ContainerMount: Hashable, Sendable, Codable {
    /// What it sees.
    public enum Source: Hashable, Sendable, Codable {
        /// A volume of the environment, by its name in the compose file: it outlives every release.
        case volume(String)
        /// A volume that is there already and belongs to nobody here, by the engine's name for it.
        case externalVolume(String)
        /// A volume of this container alone, which goes with it.
        case anonymous
        /// A file or folder of the release, below the repository's root.
        case release(path: String)
        /// A file or folder of the machine, by its absolute path.
        case host(path: String)
        /// Memory; as much as the limit of the container when no size is said.
        case memory(size: ByteCount?, mode: String?)
        /// A file with the content of a secret or a config.
        case file(content: ContainerSecretSource, mode: String?, owner: String?, group: String?)
    }

    /// What it sees.
    public var source: Source
    /// Where, absolute.
    public var target: String
    /// Whether it can't be written to.
    public var isReadOnly: Bool

    /// Describes a mount.
    public init(_ source: Source, at target: String, isReadOnly: Bool = false) {
        self.source = source
        self.target = target
        self.isReadOnly = isReadOnly
    }
}

/// A network that a container is in.
public struct ContainerNetwork: Hashable, Sendable, Codable {
    /// Its name in the compose file; `default` for the one that is there without being said.
    public var name: String
    /// Names that the others in it know the container by, besides its service's.
    public var aliases: [String]
    /// Whether nothing outside can be reached from it.
    public var isInternal: Bool
    /// The engine's name of a network that is there already and belongs to nobody here; nil for one of the environment's.
    public var externalName: String?
    /// Whether there are accessories in it.
    public var hasAccessories: Bool

    /// Describes a network.
    public init(
        name: String = "default",
        aliases: [String] = [],
        isInternal: Bool = false,
        externalName: String? = nil,
        hasAccessories: Bool = false,
    ) {
        self.name = name
        self.aliases = aliases
        self.isInternal = isInternal
        self.externalName = externalName
        self.hasAccessories = hasAccessories
    }
}
