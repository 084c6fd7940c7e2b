// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import HostSystem

/// The bare repositories of all projects, read and written with the `git` program.
public struct GitRepositories: SourceRepository {
    let layout: HomeLayout
    /// The largest pack that is taken from a remote at once.
    let fetchLimit: ByteCount
    private let files: RepositoryFiles
    let runner: ProgramRunner

    /// Git; before 2.36 it could not be told to have everything on the disk that it says it has taken.
    public static let program = RequiredProgram(
        "git",
        Program("git", ["--version"]),
        oldest: [2, 36],
        package: "git",
    )

    /// Repositories below one home.
    ///
    /// `hookProgram` is the absolute path of the OpsHub program that decides on pushes to branches, as
    /// `<program> git-hook`; nil lets git accept them all. More than `fetchLimit` at once is not taken from a remote.
    public init(
        layout: HomeLayout,
        hookProgram: String?,
        fetchLimit: ByteCount = .mebibytes(2048),
        runner: ProgramRunner = ProgramRunner(),
    ) {
        self.layout = layout
        self.fetchLimit = fetchLimit
        files = RepositoryFiles(hookProgram: hookProgram)
        self.runner = runner
    }

    /// Makes the project's empty repository, whose first branch is `main`; one that exists gets today's settings.
    public func create(_ project: ProjectName) async throws {
        guard NameRule.admits(project.rawValue) else {
            throw Failure(
                .invalid,
                "'\(project)' can't be the name of a project",
                hint: "use \(NameRule.words)",
            )
        }
        let repository = layout.repository(of: project)
        if !Folder.exists(repository) { try await make(repository, project) }
        try files.write(to: repository)
    }

    /// Removes a project's repository.
    public func remove(_ project: ProjectName) async throws {
        guard NameRule.admits(project.rawValue) else { return }
        try Folder.remove(layout.repository(of: project))
    }

    /// Names of all projects that have a repository, in order.
    public func projects() async throws -> [ProjectName] {
        try Folder.names(in: layout.repositories)
            .compactMap { name in
                guard name.hasSuffix(".git"), NameRule.admits(String(name.dropLast(4))) else { return nil }
                return ProjectName(String(name.dropLast(4)))
            }
            .sorted()
    }

    /// The commit that a branch, tag or (abbreviated) hash names; a branch wins over a tag of the same name.
    public func commit(_ reference: String, of project: ProjectName) async throws -> Commit {
        let git = try git(project)
        guard let id = try await resolve(reference, git) else {
            throw Failure(
                .notFound,
                "\(project) has no branch, tag or commit '\(reference)'",
                hint: "push it first, or see 'git branch -a'",
            )
        }
        let output = try await git.output(
            ["log", "-1", CommitFormat.option, id, "--"],
            doing: "reading a commit",
        )
        guard let commit = try CommitFormat.read(output).first else {
            throw Failure(.unexpected, "git has nothing to say of commit \(id)")
        }
        return commit
    }

    /// The newest commit of every branch, by the branch's short name.
    public func heads(of project: ProjectName) async throws -> [String: CommitID] {
        let output = try await git(project)
            .output(
                ["for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads/"],
                doing: "listing the branches of \(project)",
            )
        return output.split(separator: "\n")
            .reduce(into: [:]) { heads, line in
                let parts = line.split(separator: " ", maxSplits: 1)
                guard parts.count == 2 else { return }
                heads[String(parts[1])] = CommitID(String(parts[0]))
            }
    }

    /// Points a branch at a commit whose objects are there already; makes it from nil, removes it with nil.
    ///
    /// Besides what the port promises: throws `not-found` when the repository has no such commit.
    public func moveBranch(
        _ branch: String,
        from old: CommitID?,
        to new: CommitID?,
        of project: ProjectName,
    ) async throws {
        let name = try GitName.branch(branch)
        let git = try git(project)
        // An empty text says that the branch must not exist (git-update-ref(1)).
        let expected = try old.map(GitName.checked) ?? ""
        let change = try new.map { ["update-ref", name, try GitName.checked($0), expected] }
        let result = try await git.result(change ?? ["update-ref", "-d", name, expected])
        guard !result.isSuccess else { return }
        let now = try await heads(of: project)[branch]
        guard now == old else {
            throw Failure(
                .conflict,
                "branch '\(branch)' of \(project) is at \(now?.short ?? "nothing"), not at \(old?.short ?? "nothing")",
                hint: "fetch, and push again",
                isRetryable: true,
            )
        }
        if let new { try await require([new], git, project) }
        _ = try result.checked(doing: "moving branch '\(branch)' of \(project)")
    }

    /// Calls on a project's repository; throws `not-found` when it has none.
    func git(_ project: ProjectName) throws(Failure) -> Git {
        let repository = layout.repository(of: project)
        guard NameRule.admits(project.rawValue), Folder.exists(repository) else {
            throw Failure(
                .notFound,
                "there is no project '\(project)'",
                hint: "push to it once: git push http://…/git/\(project).git main",
            )
        }
        return Git(repository, runner: runner)
    }

    /// Throws `not-found` when one of the commits does not exist.
    func require(_ commits: [CommitID], _ git: Git, _ project: ProjectName) async throws {
        let names = try commits.map(GitName.checked)
        let found = try await find(names, git)
        for (commit, id) in zip(commits, found) where id == nil {
            throw Failure(.notFound, "\(project) has no commit \(commit)")
        }
    }

    /// The hashes of the commits that have these names, one for each, in one call; nil where there is none.
    func find(_ names: [String], _ git: Git) async throws -> [String?] {
        let input = names.map { "\($0)^{commit}\n" }.joined()
        let result = try await git.result(
            ["cat-file", "--batch-check=%(objectname) %(objecttype)"],
            input: input,
        )
        let lines = try result.checked(doing: "looking up commits").output.split(separator: "\n")
        return names.indices.map { index in
            guard index < lines.count, lines[index].hasSuffix(" commit") else { return nil }
            return String(lines[index].dropLast(" commit".count))
        }
    }

    private func resolve(_ reference: String, _ git: Git) async throws -> String? {
        guard GitName.isReference(reference) else { return nil }
        let names = ["refs/heads/\(reference)", "refs/tags/\(reference)"]
        return try await find(names + (GitName.isHash(reference) ? [reference] : []), git).compactMap { $0 }
            .first
    }

    /// Makes a repository beside its place and moves it there when it is whole.
    private func make(_ repository: String, _ project: ProjectName) async throws {
        let partial = "\(layout.repositories)/.\(project).partial"
        try Folder.make(layout.repositories)
        try Folder.remove(partial)
        let git = Git(partial, runner: runner)
        try await git.run(
            git.program(["init", "--quiet", "--bare", "--template=", "--initial-branch=main"]),
            doing: "making the repository of \(project)",
        )
        _ = try await git.output(
            ["config", "include.path", "opshub.config"],
            doing: "setting up \(project)",
        )
        try files.write(to: partial)
        try await FileSystem(runner: runner).sync(partial)
        try Folder.rename(partial, to: repository)
        try await FileSystem(runner: runner).sync(layout.repositories)
    }
}
