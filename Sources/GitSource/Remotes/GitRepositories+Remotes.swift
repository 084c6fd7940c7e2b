// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import HostSystem

extension GitRepositories: SourceRemotes {
    /// What is fetched is kept apart from the project's own branches, which only move by themselves.
    private static let branches = "refs/remotes/origin/"

    /// The remote that a project follows.
    public func remote(of project: ProjectName) async throws -> SourceRemote? {
        try remoteFolder(of: project).remote()
    }

    /// The token that a project shows to its remote.
    public func credential(of project: ProjectName) async throws -> Secret? {
        try remoteFolder(of: project).token()
    }

    /// Makes a project follow a remote.
    ///
    /// For SSH it makes the key first, so that a remote that refuses it leaves something to be added there.
    public func follow(_ remote: SourceRemote, credential: Secret?, as project: ProjectName) async throws {
        let (folder, url) = (try remoteFolder(of: project), try RemoteURL(remote.url))
        guard (.seconds(5)...(.seconds(86_400))).contains(remote.interval) else {
            throw Failure(.invalid, "an interval of \(remote.interval.briefly) is not between 5s and 1d")
        }
        try RemoteFolder.check(credential, for: url)
        if case .ssh = url.way { try await folder.makeKey(for: project, runner) }
        try folder.write(remote, url, token: credential)
    }

    /// Makes a project follow nothing.
    public func unfollow(_ project: ProjectName) async throws {
        try remoteFolder(of: project).remove()
    }

    /// The public half of the project's key.
    public func deployKey(of project: ProjectName) async throws -> String? {
        try remoteFolder(of: project).publicKey()
    }

    /// Asks the remote for its branches and tags, and fetches when they are not what they were.
    public func fetch(_ project: ProjectName) async throws -> [String: CommitID] {
        let (git, folder) = (try git(project), try remoteFolder(of: project))
        guard let remote = try folder.remote() else {
            throw Failure(.conflict, "\(project) follows no remote", hint: "opshub project add URL")
        }
        let url = try RemoteURL(remote.url)
        let call = RemoteCall(
            git: git,
            url: url,
            project: project,
            variables: try folder.variables(for: url),
        )
        let told = try await call.references(runner)
        let heads = try Self.heads(in: told)
        guard !heads.isEmpty else {
            throw Failure(
                .notFound,
                "\(url.text) has no branches",
                hint: "push to it first; what serves goes on",
                isRetryable: true,
            )
        }
        guard try await known(git) != told else { return heads }
        try await checkDisk()
        try await call.fetch(into: Self.branches, limit: fetchLimit, runner)
        let now = try await known(git)
        if let missing = heads.keys.sorted().first(where: { now["refs/heads/\($0)"] == nil }) {
            throw Failure(
                .invalid,
                "\(url.text) is a shallow clone: the history of its branch \(missing) is not there",
                hint: "complete it there: git fetch --unshallow",
            )
        }
        // It may have moved in between; what has arrived counts.
        return try Self.heads(in: now)
    }

    /// What was fetched last, by the names that the remote has for it.
    private func known(_ git: Git) async throws -> [String: String] {
        let output = try await git.output(
            ["for-each-ref", "--format=%(objectname) %(refname)", Self.branches, "refs/tags/"],
            doing: "listing what was fetched",
        )
        return RemoteCall.table(output, separator: " ") { name in
            name.hasPrefix(Self.branches) ? "refs/heads/" + name.dropFirst(Self.branches.count) : name
        }
    }

    private static func heads(in references: [String: String]) throws -> [String: CommitID] {
        try references.reduce(into: [:]) { heads, reference in
            guard reference.key.hasPrefix("refs/heads/") else { return }
            let name = String(reference.key.dropFirst("refs/heads/".count))
            _ = try GitName.branch(name)
            heads[name] = CommitID(reference.value)
        }
    }

    private func checkDisk() async throws {
        let free = try DiskSpace.available(at: layout.repositories)
        guard free < .mebibytes(512) else { return }
        throw Failure(
            .diskFull,
            "\(layout.repositories) has \(free) free; nothing is fetched below 512.0 MiB",
            hint: "free some space; what serves goes on",
            isRetryable: true,
        )
    }

    private func remoteFolder(of project: ProjectName) throws(Failure) -> RemoteFolder {
        guard NameRule.admits(project.rawValue) else {
            throw Failure(
                .invalid,
                "'\(project)' can't be the name of a project",
                hint: "use \(NameRule.words)",
            )
        }
        return RemoteFolder(path: layout.remote(of: project))
    }
}
