// SPDX-License-Identifier: Apache-2.0

/// How an image is built from the repository.
public struct ImageBuildManifest: Hashable, Sendable, Codable {
    /// The folder that the build sees, below the repository's root.
    public var context: String
    /// Its Dockerfile, below the context.
    public var dockerfile: String
    /// The stage that is built; the last one when nil.
    public var target: String?
    /// Values for its `ARG`s; seen by everyone who has the image.
    public var arguments: [String: String]
    /// Labels of the image.
    public var labels: [String: String]
    /// Files that single commands of the build see and no layer holds, by their id.
    public var secrets: [String: ContainerSecretSource]

    /// Describes a build.
    public init(
        context: String = ".",
        dockerfile: String = "Dockerfile",
        target: String? = nil,
        arguments: [String: String] = [:],
        labels: [String: String] = [:],
        secrets: [String: ContainerSecretSource] = [:],
    ) {
        self.context = context
        self.dockerfile = dockerfile
        self.target = target
        self.arguments = arguments
        self.labels = labels
        self.secrets = secrets
    }
}

/// Where the content of a secret or a config comes from.
public enum ContainerSecretSource: Hashable, Sendable, Codable {
    /// A file of the release, below the repository's root.
    case file(String)
    /// A variable of the environment.
    case variable(String)
    /// The text itself; for configs only.
    case text(String)
}
