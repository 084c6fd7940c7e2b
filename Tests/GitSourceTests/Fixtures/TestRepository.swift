// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import GitSource
import Glibc
import HostSystem
import Testing

/// A home with one project, and a working copy from which commits are pushed to it.
struct TestRepository: Sendable {
    let layout: HomeLayout
    let project = ProjectName("demo")
    let repositories: GitRepositories

    /// Runs `body` with a repository; everything goes when it ends.
    static func use(hook: String? = nil, _ body: (TestRepository) async throws -> Void) async throws {
        let layout = HomeLayout(root: "/tmp/opshub-git-\(UInt64.random(in: 0...UInt64.max))")
        try Folder.make(layout.root)
        defer {
            // What can't be removed from /tmp is no failure of the repository.
            try? Folder.remove(layout.root)
        }
        let repositories = GitRepositories(layout: layout, hookProgram: hook)
        let test = TestRepository(layout: layout, repositories: repositories)
        try await repositories.create(test.project)
        _ = try await test.git("init", "--quiet", "--initial-branch=main", ".")
        try await body(test)
    }

    /// The bare repository.
    var bare: String { layout.repository(of: project) }

    /// The working copy.
    var copy: String { "\(layout.root)/copy" }

    /// Runs git in the working copy, as Ada, at a time that grows with `day`.
    @discardableResult
    func git(_ arguments: String..., day: Int = 1) async throws -> String {
        try Folder.make(copy)
        let variables = [
            "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com", "GIT_COMMITTER_NAME": "Ada",
            "GIT_COMMITTER_EMAIL": "ada@example.com",
            "GIT_AUTHOR_DATE": "\(1_700_000_000 + day * 86_400) +0000",
            "GIT_COMMITTER_DATE": "\(1_700_000_000 + day * 86_400) +0000", "GIT_CONFIG_GLOBAL": "/dev/null",
        ]
        let program = Program("git", arguments, in: copy, environment: variables)
        let result = try await ProgramRunner().run(program).checked(doing: "preparing the test")
        return String(
            result.output.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        )
    }

    /// Commits files and pushes the branch; nil removes a file.
    @discardableResult
    func commit(
        _ files: [String: String?],
        _ subject: String = "change",
        branch: String = "main",
        day: Int = 1,
    ) async throws -> CommitID {
        try await git("symbolic-ref", "HEAD", "refs/heads/\(branch)")
        for (path, text) in files {
            let place = "\(copy)/\(path)"
            guard let text else {
                try Folder.remove(place)
                continue
            }
            if path.contains("/") {
                try Folder.make("\(copy)/\(path.split(separator: "/").dropLast().joined(separator: "/"))")
            }
            try FileContent.write(Array(text.utf8), to: place)
        }
        try await git("add", "--all")
        try await git("commit", "--quiet", "--allow-empty", "-m", subject, day: day)
        try await git("push", "--quiet", bare, "HEAD:refs/heads/\(branch)")
        return CommitID(try await git("rev-parse", "HEAD"))
    }
}
