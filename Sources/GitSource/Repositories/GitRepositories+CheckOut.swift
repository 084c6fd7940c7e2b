// SPDX-License-Identifier: Apache-2.0
public import Core
import HostSystem

extension GitRepositories {
    /// The file that says which commit a folder holds; written last.
    static let marker = ".opshub-commit"

    /// Writes a commit's files into `folder`, which holds them all or does not exist afterwards.
    ///
    /// A folder that holds this commit already is left as it is, whatever was built in it; one that is no whole
    /// checkout is replaced. Throws `conflict` when it holds another commit, `not-found` when there is no such commit,
    /// `invalid` when the commit needs submodules or Git LFS.
    public func checkOut(_ commit: CommitID, of project: ProjectName, into folder: String) async throws {
        if let held = try FileContent.text(of: "\(folder)/\(Self.marker)") {
            guard held == "\(commit)\n" else {
                throw Failure(
                    .conflict,
                    "\(folder) holds another commit: \(held.prefix(7)), not \(commit.short)",
                )
            }
            return
        }
        let git = try git(project)
        try await require([commit], git, project)
        try await refuseModules(at: commit, of: project)
        try await refuseLargeFiles(at: commit, git, project)
        let partial = "\(folder).partial"
        do {
            try await write(commit, into: partial, git, project)
            try await finish(partial, folder, commit)
        } catch {
            // What is left is removed by the next attempt too; the error of this one is what matters.
            try? Folder.remove(partial)
            try? Folder.remove("\(partial)-index")
            throw error
        }
    }

    private func write(
        _ commit: CommitID,
        into partial: String,
        _ git: Git,
        _ project: ProjectName,
    ) async throws {
        try Folder.remove(partial)
        try Folder.make(partial)
        let index = ["GIT_INDEX_FILE": "\(partial)-index"]
        let tree = ["--work-tree=\(partial)"]
        let doing = "checking out \(commit.short) of \(project)"
        let limit = Duration.seconds(300)
        let read = git.program(["read-tree", try GitName.checked(commit)], adding: index, deadline: limit)
        try await git.run(read, doing: doing)
        let write = git.program(
            tree + ["checkout-index", "--all", "--force"],
            in: partial,
            adding: index,
            deadline: limit,
        )
        try await git.run(write, doing: doing)
        try Folder.remove("\(partial)-index")
    }

    /// Puts a whole checkout in its place: everything is on the disk before its name says that it is.
    private func finish(_ partial: String, _ folder: String, _ commit: CommitID) async throws {
        try await FileSystem(runner: runner).sync(partial)
        try DurableFile.write("\(commit)\n", to: "\(partial)/\(Self.marker)")
        try Folder.remove(folder)
        try Folder.rename(partial, to: folder)
        try await FileSystem(runner: runner).sync(folder)
    }

    private func refuseModules(at commit: CommitID, of project: ProjectName) async throws {
        // Removing the last submodule leaves an empty file.
        let modules = try await file(".gitmodules", at: commit, of: project) ?? []
        guard modules.contains(where: { !" \t\r\n".utf8.contains($0) }) else { return }
        throw Failure(
            .invalid,
            "\(commit.short) of \(project) has submodules (.gitmodules), which OpsHub does not check out",
            hint: "add the submodule's files to the repository itself, for example with 'git subtree add'",
        )
    }

    private func refuseLargeFiles(at commit: CommitID, _ git: Git, _ project: ProjectName) async throws {
        let id = try GitName.checked(commit)
        let usesFilter = try await grep(
            ["-F", "-e", "filter=lfs", id, "--", ":(glob)**/.gitattributes"],
            git,
        )
        guard !usesFilter.isEmpty else { return }
        let pointers = try await grep(["-e", "^version https://git-lfs.github.com/spec/v", id, "--"], git)
        guard let pointer = pointers.first else { return }
        throw Failure(
            .invalid,
            "\(commit.short) of \(project) keeps \(pointer.dropFirst(id.count + 1)) in Git LFS, which OpsHub does not fetch",
            hint: "commit the files themselves: 'git lfs migrate export --include=\"*\"'",
        )
    }

    /// Names of files in which something is found; git-grep(1) returns 1 when there is none.
    private func grep(_ arguments: [String], _ git: Git) async throws -> [String] {
        let program = git.program(["grep", "-l"] + arguments, adding: ["GIT_LITERAL_PATHSPECS": "0"])
        let result = try await runner.run(program)
        guard result.ending != .exited(1) else { return [] }
        return try result.checked(doing: "looking for Git LFS").output.split(separator: "\n").map(String.init)
    }
}
