// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Manifest

/// What a ``ReleaseID`` names.
public enum ReleaseSubject {}

/// Names a release: `r12`.
public typealias ReleaseID = Identifier<ReleaseSubject>

/// An immutable snapshot of what an environment can serve: code, configuration, variables and routing, as one.
public struct Release: Sendable, Hashable, Codable {
    /// Its name.
    public var id: ReleaseID
    /// Where it can serve.
    public var environment: EnvironmentKey
    /// Its code.
    public var commit: Commit
    /// Its configuration: `opshub.yml` of that commit.
    public var manifest: ProjectManifest
    /// When it was made.
    public var createdAt: Date
    /// Which version of each variable it has; nil before it is planned.
    public var variables: VariableVersions?
    /// The image of each service that runs in containers; nil before they were built, and where there are none.
    public var images: [ServiceName: ImageID]?
    /// When its build and tests succeeded; nil until then.
    public var builtAt: Date?
    /// What its files take on the disk; nil before it was built, and once they are gone.
    public var size: ByteCount?
    /// When its build was given up, and its files go next; nil while it is kept.
    public var retiredAt: Date?

    /// Describes a release.
    public init(
        id: ReleaseID,
        environment: EnvironmentKey,
        commit: Commit,
        manifest: ProjectManifest,
        createdAt: Date,
        builtAt: Date? = nil,
    ) {
        self.id = id
        self.environment = environment
        self.commit = commit
        self.manifest = manifest
        self.createdAt = createdAt
        self.builtAt = builtAt
    }
}
