// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials

/// Repositories of a scripted world: every reference is a commit, and every commit has the same manifest.
public struct ScriptedSources: SourceRepository {
    let world: ScriptedWorld

    /// Repositories of this world.
    public init(_ world: ScriptedWorld) {
        self.world = world
    }

    /// There already.
    public func create(_ project: ProjectName) async throws {}

    /// Never.
    public func remove(_ project: ProjectName) async throws {}

    /// One project.
    public func projects() async throws -> [ProjectName] { [world.project] }

    /// A commit of that name.
    public func commit(_ reference: String, of project: ProjectName) async throws -> Commit {
        Commit(
            id: CommitID(reference),
            subject: "change \(reference)",
            author: "Ada",
            committedAt: Date(timeIntervalSince1970: 0),
        )
    }

    /// What the world says.
    public func heads(of project: ProjectName) async throws -> [String: CommitID] {
        world.now.heads
    }

    /// Moved.
    public func moveBranch(
        _ branch: String,
        from old: CommitID?,
        to new: CommitID?,
        of project: ProjectName,
    ) async throws {
        world.change { $0.moves.append(branch) }
        var failure: Failure?
        world.change { facts in
            if facts.failures["move \(branch)"]?.isEmpty == false {
                failure = facts.failures["move \(branch)"]?.removeFirst()
            }
        }
        if let failure { throw failure }
        world.change { $0.heads[branch] = new }
    }

    /// None but the one.
    public func commits(
        from: CommitID?,
        to: CommitID,
        of project: ProjectName,
        limit: Int,
    ) async throws -> [Commit] {
        [try await commit(to.rawValue, of: project)]
    }

    /// Unless the world says that it was rewritten away.
    public func contains(
        _ commit: CommitID,
        in later: CommitID,
        of project: ProjectName,
    ) async throws -> Bool {
        !world.now.rewritten.contains(commit)
    }

    /// None.
    public func changedPaths(from: CommitID, to: CommitID, of project: ProjectName) async throws -> [String] {
        []
    }

    /// None.
    public func paths(at commit: CommitID, of project: ProjectName) async throws -> [String] {
        world.now.paths
    }

    /// What the world says is in it, or some bytes for the scripted manifest.
    public func file(_ path: String, at commit: CommitID, of project: ProjectName) async throws -> [UInt8]? {
        var failure: Failure?
        world.change { facts in
            if !facts.readFailures.isEmpty { failure = facts.readFailures.removeFirst() }
        }
        if let failure { throw failure }
        return Array((world.now.files[path] ?? "manifest").utf8)
    }

    /// Checked out.
    public func checkOut(_ commit: CommitID, of project: ProjectName, into folder: String) async throws {
        try await world.act("check out \(commit)")
    }
}
