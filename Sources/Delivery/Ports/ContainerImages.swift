// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Container images where containers run.
///
/// A release names its images by their content and keeps them until it is retired.
public protocol ContainerImages: Sendable {
    /// What the engine is: `Docker 20.10.24`.
    ///
    /// Throws `engine-failed` when it does not answer, may not be asked, or is too old.
    func engine() async throws -> String

    /// Builds an image, or finds the one that was built before from the same commit in the same way, for whichever environment.
    ///
    /// - Throws: `build-failed` with the end of its output, `deadline-exceeded` when its time ran out.
    func build(
        _ order: ImageBuildOrder,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID

    /// Fetches what a name stands for now; what is here already is not fetched again.
    ///
    /// - Returns: The image by its content, whatever becomes of the name.
    /// - Throws: `image-failed`: the registry does not have it, refuses it, or does not answer.
    func pull(_ name: String, onLine: @Sendable @escaping (String) async -> Void) async throws -> ImageID

    /// Keeps images for a release, whoever else gives them up. Idempotent.
    func keep(
        _ images: [ServiceName: ImageID],
        for release: ReleaseID,
        of environment: EnvironmentKey,
    ) async throws

    /// Gives up what was kept for a release; images that nothing needs any more go. Idempotent.
    func drop(_ release: ReleaseID, of environment: EnvironmentKey) async throws
}

/// An image to be built.
public struct ImageBuildOrder: Sendable, Hashable {
    /// Where it is to run.
    public var environment: EnvironmentKey
    /// The service.
    public var service: ServiceName
    /// The commit that it is built from.
    public var commit: CommitID
    /// The release's checkout, absolute.
    public var folder: String
    /// How it is built.
    public var build: ImageBuildManifest
    /// Variables that its secrets may be.
    public var variables: [String: Secret]
    /// How long it may take.
    public var timeout: Duration

    /// Describes a build.
    public init(
        environment: EnvironmentKey,
        service: ServiceName,
        commit: CommitID,
        folder: String,
        build: ImageBuildManifest,
        variables: [String: Secret],
        timeout: Duration,
    ) {
        self.environment = environment
        self.service = service
        self.commit = commit
        self.folder = folder
        self.build = build
        self.variables = variables
        self.timeout = timeout
    }
}
