// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery

/// The remote of a scripted world's project: has the branches that the world says, and fails where it is told to.
public struct ScriptedRemotes: SourceRemotes {
    let world: ScriptedWorld

    /// Remotes of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// One, if it has branches.
    public func remote(of project: ProjectName) async throws -> SourceRemote? {
        if let failure = world.now.remoteFailure { throw failure }
        return world.now.remoteHeads.map { _ in SourceRemote(url: "https://git.example/app.git") }
    }

    /// None.
    public func credential(of project: ProjectName) async throws -> Secret? { nil }

    /// Followed.
    public func follow(_ remote: SourceRemote, credential: Secret?, as project: ProjectName) async throws {
        world.change { $0.remoteHeads = $0.remoteHeads ?? [:] }
    }

    /// Followed no more.
    public func unfollow(_ project: ProjectName) async throws {
        world.change { $0.remoteHeads = nil }
    }

    /// What the world says.
    public func fetch(_ project: ProjectName) async throws -> [String: CommitID] {
        try await world.act("fetch")
        return world.now.remoteHeads ?? [:]
    }

    /// None.
    public func deployKey(of project: ProjectName) async throws -> String? { nil }
}
