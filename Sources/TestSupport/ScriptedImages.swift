// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery

/// Images of a scripted world.
public struct ScriptedImages: ContainerImages {
    let world: ScriptedWorld

    /// Images of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// Always the same.
    public func engine() async throws -> String { "Docker 20.10.24" }

    /// Built.
    public func build(
        _ order: ImageBuildOrder,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID {
        try await world.act("build image of \(order.service)")
        return ImageID("sha256:\(order.commit)")
    }

    /// Fetched.
    public func pull(
        _ name: String,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ImageID {
        try await world.act("pull \(name)")
        return ImageID("sha256:\(name)")
    }

    /// Kept.
    public func keep(
        _ images: [ServiceName: ImageID],
        for release: ReleaseID,
        of environment: EnvironmentKey,
    ) async throws {
        try await world.act("keep images of \(release)")
    }

    /// Given up.
    public func drop(_ release: ReleaseID, of environment: EnvironmentKey) async throws {
        try await world.act("drop images of \(release)")
    }
}
