// SPDX-License-Identifier: Apache-2.0
import HostSystem
public import Core
public import Delivery

extension GitRepositories {
    /// Commits that `to` has and `from` has not, newest first, children always before their parents.
    public func commits(
        from: CommitID?,
        to: CommitID,
        of project: ProjectName,
        limit: Int,
    ) async throws -> [Commit] {
        let git = try git(project)
        try await require([to], git, project)
        var range = [try GitName.checked(to)]
        if let from, let known = try await find([GitName.checked(from)], git).first ?? nil {
            range.append("^\(known)")
        }
        let output = try await git.output(
            ["log", "--date-order", "--max-count=\(max(0, limit))", CommitFormat.option] + range + ["--"],
            doing: "listing the commits of \(project)",
        )
        return try CommitFormat.read(output)
    }

    /// Whether a commit is part of the history of another.
    ///
    /// Throws `not-found` when the later one does not exist.
    public func contains(
        _ commit: CommitID,
        in later: CommitID,
        of project: ProjectName,
    ) async throws -> Bool {
        let git = try git(project)
        try await require([later], git, project)
        guard try await find([GitName.checked(commit)], git).first ?? nil != nil else { return false }
        let result = try await git.result([
            "merge-base", "--is-ancestor", try GitName.checked(commit), try GitName.checked(later),
        ])
        guard result.ending != .exited(1) else { return false }
        _ = try result.checked(doing: "comparing the history of \(project)")
        return true
    }

    /// Paths that differ between two commits, in order; a renamed file is two paths.
    ///
    /// Throws `not-found` when one of the commits does not exist.
    public func changedPaths(from: CommitID, to: CommitID, of project: ProjectName) async throws -> [String] {
        let git = try git(project)
        try await require([from, to], git, project)
        let output = try await git.bytes(
            [
                "diff-tree", "-r", "-z", "--no-renames", "--name-only",
                try GitName.checked(from), try GitName.checked(to), "--",
            ],
            doing: "comparing commits of \(project)",
        )
        return Self.paths(output)
    }

    /// Paths of every file in a commit, in order.
    ///
    /// Throws `not-found` when the commit does not exist.
    public func paths(at commit: CommitID, of project: ProjectName) async throws -> [String] {
        let git = try git(project)
        try await require([commit], git, project)
        let output = try await git.bytes(
            ["ls-tree", "-r", "-z", "--full-tree", "--name-only", try GitName.checked(commit), "--"],
            doing: "listing the files of \(project)",
        )
        return Self.paths(output)
    }

    /// A file's bytes in a commit; nil when the commit has no such file, or a folder or link is there.
    ///
    /// Throws `not-found` when the commit does not exist, `invalid` when the path leads out of the repository.
    public func file(_ path: String, at commit: CommitID, of project: ProjectName) async throws -> [UInt8]? {
        let git = try git(project)
        let path = try GitName.path(path)
        try await require([commit], git, project)
        // `<mode> <type> <hash>` TAB `<path>`; 100644 and 100755 are files, 120000 is a link.
        let entry = try await git.output(
            ["ls-tree", "-z", "--full-tree", try GitName.checked(commit), "--", path],
            doing: "looking up \(path)",
        )
        let fields = entry.prefix { $0 != "\t" }.split(separator: " ")
        guard fields.count == 3, fields[0].hasPrefix("100"), fields[1] == "blob" else { return nil }
        return try await git.bytes(["cat-file", "blob", String(fields[2])], doing: "reading \(path)")
    }

    private static func paths(_ output: [UInt8]) -> [String] {
        output.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
