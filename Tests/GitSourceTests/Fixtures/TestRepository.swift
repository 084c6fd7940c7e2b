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

    /// The repository of a home that has one.
    init(root: String, hook: String? = nil) {
        layout = HomeLayout(root: root)
        repositories = GitRepositories(layout: layout, hookProgram: hook)
    }

    /// Makes a home with a repository and a working copy.
    static func make(in root: String) async throws {
        let test = TestRepository(root: root)
        try Folder.make(root)
        try await test.repositories.create(test.project)
        try await test.git("init", "--quiet", "--initial-branch=main", ".")
    }

    /// Runs `body` with an empty repository; everything goes when it ends.
    static func use(hook: String? = nil, _ body: (TestRepository) async throws -> Void) async throws {
        try await copy(isEmpty: true, hook: hook) { test, _ in
            try await test.repositories.create(test.project)
            try await body(test)
        }
    }

    /// Runs `body` with a repository in which `main` has one commit, with one file `a`; everything goes when it ends.
    static func useOne(_ body: (TestRepository, CommitID) async throws -> Void) async throws {
        try await copy(isEmpty: false, hook: nil, body)
    }

    private static func copy(
        isEmpty: Bool,
        hook: String?,
        _ body: (TestRepository, CommitID) async throws -> Void,
    ) async throws {
        let root = "/tmp/opshub-git-\(UInt64.random(in: 0...UInt64.max))"
        let commit = try await TestTemplate.shared.copy(to: root, isEmpty: isEmpty)
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(TestRepository(root: root, hook: hook), commit))
        } catch {
            outcome = .failure(error)
        }
        try Folder.remove(root)
        try await TestTemplate.shared.leave()
        try outcome.get()
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
