// SPDX-License-Identifier: Apache-2.0
public import Core

/// The Git repositories of projects.
public protocol SourceRepository: Sendable {
    /// Makes the project's empty repository, ready to be pushed to. Idempotent.
    func create(_ project: ProjectName) async throws

    /// Removes a project's repository and everything in it. Idempotent.
    func remove(_ project: ProjectName) async throws

    /// Names of all projects that have a repository, in order.
    func projects() async throws -> [ProjectName]

    /// The commit that a branch, tag or (abbreviated) hash names. Throws `not-found`.
    func commit(_ reference: String, of project: ProjectName) async throws -> Commit

    /// The newest commit of every branch, by the branch's short name.
    func heads(of project: ProjectName) async throws -> [String: CommitID]

    /// Points a branch at a commit whose objects are there already; makes it from nil, removes it with nil.
    ///
    /// - Throws: `conflict` when the branch does not point at `old` any more; nothing has changed then.
    func moveBranch(
        _ branch: String,
        from old: CommitID?,
        to new: CommitID?,
        of project: ProjectName,
    ) async throws

    /// Commits that `to` has and `from` has not, newest first, at most `limit`; from the beginning when `from` is nil
    /// or no longer exists.
    func commits(from: CommitID?, to: CommitID, of project: ProjectName, limit: Int) async throws -> [Commit]

    /// Whether a commit is part of the history of another; false when it no longer exists.
    func contains(_ commit: CommitID, in later: CommitID, of project: ProjectName) async throws -> Bool

    /// Paths that differ between two commits, in order.
    func changedPaths(from: CommitID, to: CommitID, of project: ProjectName) async throws -> [String]

    /// Paths of every file in a commit, in order.
    func paths(at commit: CommitID, of project: ProjectName) async throws -> [String]

    /// A file's bytes in a commit; nil when the commit has no such file.
    func file(_ path: String, at commit: CommitID, of project: ProjectName) async throws -> [UInt8]?

    /// Writes a commit's files into `folder`, which holds them all or does not exist afterwards. Idempotent.
    func checkOut(_ commit: CommitID, of project: ProjectName, into folder: String) async throws
}

extension SourceRepository {
    /// Paths that differ from what serves: all of them when nothing does, or when its commit is no longer there because
    /// history was rewritten.
    func changedPaths(
        since present: CommitID?,
        to commit: CommitID,
        of project: ProjectName,
    ) async throws
        -> [String]
    {
        guard let present else { return try await paths(at: commit, of: project) }
        do {
            return try await changedPaths(from: present, to: commit, of: project)
        } catch let failure as Failure where failure.code == .notFound {
            return try await paths(at: commit, of: project)
        }
    }
}
