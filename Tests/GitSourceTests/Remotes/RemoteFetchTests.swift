// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import GitSource
import HostSystem
import Testing

/// Another repository as the remote: what is fetched from it, and what its faults are called.
@Suite("Fetching from a remote", .timeLimit(.minutes(10)))
struct RemoteFetchTests {
    private static let project = ProjectName("copy")

    @Test("brings its branches and tags, and moves none of the project's own")
    func brings() async throws {
        try await follow { test, copy in
            let first = try await test.commit(["a": "1"])
            try await test.git("tag", "v1")
            try await test.git("push", "--quiet", test.bare, "v1")
            let next = try await test.commit(["a": "2"], branch: "next")
            let heads = try await copy.fetch(Self.project)
            #expect(heads == ["main": first, "next": next])
            #expect(try await copy.heads(of: Self.project).isEmpty)
            #expect(try await copy.commit("v1", of: Self.project).id == first)
            #expect(try await copy.file("a", at: next, of: Self.project) == Array("2".utf8))
        }
    }

    @Test("fetches nothing when nothing is new, and forgets a branch that is gone there")
    func conditional() async throws {
        try await follow { test, copy in
            let first = try await test.commit(["a": "1"])
            try await test.commit(["a": "2"], branch: "next")
            _ = try await copy.fetch(Self.project)
            let marker = "\(test.layout.repository(of: Self.project))/FETCH_HEAD"
            try Folder.remove(marker)
            #expect(try await copy.fetch(Self.project).count == 2)
            #expect(try FileContent.bytes(of: marker) == nil)
            try await test.git("push", "--quiet", test.bare, ":next")
            #expect(try await copy.fetch(Self.project) == ["main": first])
        }
    }

    @Test("tells whether a branch was rewritten there")
    func rewritten() async throws {
        try await follow { test, copy in
            let first = try await test.commit(["a": "1"])
            let second = try await test.commit(["a": "2"])
            _ = try await copy.fetch(Self.project)
            #expect(try await copy.contains(first, in: second, of: Self.project))
            try await test.git("reset", "--quiet", "--hard", first.rawValue)
            try await test.git("commit", "--quiet", "--amend", "-m", "another", day: 9)
            try await test.git("push", "--quiet", "--force", test.bare, "HEAD:main")
            let third = try #require(try await copy.fetch(Self.project)["main"])
            #expect(try await !copy.contains(second, in: third, of: Self.project))
            #expect(try await !copy.contains(first, in: third, of: Self.project))
            let none = CommitID(String(repeating: "a", count: 40))
            #expect(try await !copy.contains(none, in: third, of: Self.project))
        }
    }

    @Test("of a shallow clone is refused, and nothing of it counts")
    func shallow() async throws {
        try await follow { test, copy in
            for number in 1...3 { try await test.commit(["a": "\(number)"]) }
            let clone = "\(test.layout.root)/shallow.git"
            try await test.git("clone", "--quiet", "--bare", "--depth", "1", "file://\(test.bare)", clone)
            try await copy.follow(SourceRemote(url: clone), credential: nil, as: Self.project)
            let failure = await #expect(throws: Failure.self) { try await copy.fetch(Self.project) }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.contains("is a shallow clone") == true)
            #expect(failure?.hint?.contains("--unshallow") == true)
            #expect(try await copy.heads(of: Self.project).isEmpty)
        }
    }

    @Test("that sends more than is taken at once is refused, and nothing of it stays")
    func huge() async throws {
        try await follow(limit: ByteCount(200_000)) { test, copy in
            var generator = SystemRandomNumberGenerator()
            let noise = (0..<40_000).map { _ in String(generator.next(), radix: 36) }.joined()
            try await test.commit(["big": noise])
            let failure = await #expect(throws: Failure.self) { try await copy.fetch(Self.project) }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.contains("too large") == true)
            #expect(failure?.hint != nil)
            let objects = "\(test.layout.repository(of: Self.project))/objects/pack"
            #expect(try Folder.names(in: objects).isEmpty)
        }
    }

    @Test("from where nothing is says so", arguments: Absent.allCases)
    func absent(_ absent: Absent) async throws {
        try await follow { test, copy in
            try Folder.make("\(test.layout.root)/empty")
            let url = absent.url(test.layout.root)
            try await copy.follow(SourceRemote(url: url), credential: nil, as: Self.project)
            let failure = await #expect(throws: Failure.self) { try await copy.fetch(Self.project) }
            #expect(failure?.code == absent.code, "\(String(describing: failure))")
            #expect(failure?.message.contains(url) == true)
            #expect(failure?.hint != nil)
            #expect(failure?.isRetryable == (absent.code == .unreachable))
        }
    }

    @Test("from a remote without any branch says so, and is tried again")
    func empty() async throws {
        try await follow { _, copy in
            let failure = await #expect(throws: Failure.self) { try await copy.fetch(Self.project) }
            #expect(failure?.code == .notFound)
            #expect(failure?.message.contains("has no branches") == true)
            #expect(failure?.isRetryable == true)
        }
    }

    @Test("a project that follows nothing is refused")
    func none() async throws {
        try await follow { _, copy in
            try await copy.unfollow(Self.project)
            #expect(try await copy.remote(of: Self.project) == nil)
            let failure = await #expect(throws: Failure.self) { try await copy.fetch(Self.project) }
            #expect(failure?.code == .conflict)
        }
    }

    @Test("a record that can't be read is named, and stays")
    func damaged() async throws {
        try await follow { test, copy in
            let path = "\(test.layout.remote(of: Self.project))/remote.json"
            try FileContent.write(Array("{".utf8), to: path)
            let failure = await #expect(throws: Failure.self) { try await copy.remote(of: Self.project) }
            #expect(failure?.code == .damagedState)
            #expect(failure?.message.contains(path) == true)
            #expect(try FileContent.text(of: path) == "{")
        }
    }

    /// Where no repository is.
    enum Absent: CaseIterable {
        case noFolder, noRepository, noServer, noHost, noSSH

        var code: Failure.Code { self == .noFolder || self == .noRepository ? .notFound : .unreachable }

        func url(_ root: String) -> String {
            switch self {
            case .noFolder: "\(root)/nowhere.git"
            case .noRepository: "\(root)/empty"
            case .noServer: "http://127.0.0.1:1/app.git"
            case .noHost: "https://git.invalid/app.git"
            case .noSSH: "ssh://git@127.0.0.1:1/app.git"
            }
        }
    }

    /// Runs `body` with a repository, and a project of the same home that follows it.
    private func follow(
        limit: ByteCount = .mebibytes(100),
        _ body: (TestRepository, GitRepositories) async throws -> Void,
    ) async throws {
        try await TestRepository.use { test in
            let copy = GitRepositories(layout: test.layout, hookProgram: nil, fetchLimit: limit)
            try await copy.create(Self.project)
            try await copy.follow(SourceRemote(url: test.bare), credential: nil, as: Self.project)
            try await body(test, copy)
        }
    }
}
