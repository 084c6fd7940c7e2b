// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import GitSource
import HostSystem
import Testing

@Suite("A project's repository", .timeLimit(.minutes(10)))
struct GitRepositoriesTests {
    @Test("is made empty, with main as its first branch, and can be pushed to")
    func made() async throws {
        try await TestRepository.use { test in
            #expect(try await test.repositories.projects() == [test.project])
            #expect(try await test.repositories.heads(of: test.project).isEmpty)
            #expect(try FileContent.text(of: "\(test.bare)/HEAD") == "ref: refs/heads/main\n")
            #expect(try await test.git("config", "--file", "\(test.bare)/config", "core.bare") == "true")
            #expect(try Folder.names(in: test.layout.repositories) == ["demo.git"])
            let commit = try await test.commit(["a": "1"])
            #expect(try await test.repositories.heads(of: test.project) == ["main": commit])
        }
    }

    @Test(
        "has settings that git itself sees",
        arguments: [
            ("http.receivepack", "true"), ("receive.advertisepushoptions", "true"),
            ("receive.denydeletecurrent", "ignore"),
            ("receive.fsckobjects", "true"), ("gc.pruneexpire", "never"),
            ("receive.procreceiverefs", "refs/heads"),
        ],
    )
    func settings(_ key: String, _ value: String) async throws {
        try await TestRepository.use(hook: "/usr/bin/true") { test in
            let seen = try await test.git("--git-dir=\(test.bare)", "config", key)
            #expect(seen == value)
        }
    }

    @Test("stays as it is when it is made again, but for its settings and its hook")
    func again() async throws {
        try await TestRepository.useOne { test, commit in
            try await test.git("--git-dir=\(test.bare)", "config", "http.postBuffer", "7")
            try FileContent.write(Array("[http]\n".utf8), to: "\(test.bare)/opshub.config")
            let other = GitRepositories(layout: test.layout, hookProgram: "/opt/it's/opshub")
            try await other.create(test.project)
            try await other.create(test.project)
            #expect(try await other.heads(of: test.project) == ["main": commit])
            #expect(try await test.git("--git-dir=\(test.bare)", "config", "http.postBuffer") == "7")
            #expect(try await test.git("--git-dir=\(test.bare)", "config", "http.receivepack") == "true")
            let hook = try FileContent.text(of: "\(test.bare)/hooks/proc-receive")
            #expect(hook == "#!/bin/sh\nexec '/opt/it'\\''s/opshub' git-hook\n")
        }
    }

    @Test("is made anew when a crash left half of one")
    func torn() async throws {
        try await TestRepository.use { test in
            let partial = "\(test.layout.repositories)/.other.partial"
            try Folder.make("\(partial)/refs")
            try FileContent.write(Array("ref".utf8), to: "\(partial)/HEAD")
            #expect(try await test.repositories.projects() == [test.project])
            try await test.repositories.create(ProjectName("other"))
            #expect(try await test.repositories.projects() == [test.project, ProjectName("other")])
            #expect(try await test.repositories.heads(of: ProjectName("other")).isEmpty)
        }
    }

    @Test("asks the hook program what becomes of a push")
    func hook() async throws {
        let program = "/tmp/opshub-hook-\(UInt64.random(in: 0...UInt64.max))"
        try FileContent.write(
            Array("#!/bin/sh\necho \"$@\" >\"$0.called\"\nexit 1\n".utf8),
            to: program,
            mode: 0o755,
        )
        defer {
            // What can't be removed from /tmp is no failure of the hook.
            try? Folder.remove(program)
            try? Folder.remove("\(program).called")
        }
        try await TestRepository.use(hook: program) { test in
            await #expect(throws: Failure.self) { try await test.commit(["a": "1"]) }
            let called = try FileContent.text(of: "\(program).called")
            #expect(called == "git-hook\n")
            #expect(try await test.repositories.heads(of: test.project).isEmpty)
        }
    }

    @Test("is not made for a name that can't be one", arguments: ["", "../x", "A", "a/b", "-a", "x.git"])
    func badName(_ name: String) async throws {
        try await TestRepository.use { test in
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.create(ProjectName(name))
            }
            #expect(failure?.code == .invalid)
            let other = await #expect(throws: Failure.self) {
                try await test.repositories.heads(of: ProjectName(name))
            }
            #expect(other?.code == .notFound)
        }
    }

    @Test("names a commit by branch, tag, hash and abbreviated hash")
    func commit() async throws {
        try await TestRepository.use { test in
            let first = try await test.commit(["a": "1"], "first: «grüße» | 100 %\n\nmore", day: 3)
            try await test.git("tag", "-a", "-m", "annotated", "v1")
            try await test.git("push", "--quiet", test.bare, "v1")
            let second = try await test.commit(["a": "2"], "second", branch: "feature/x", day: 4)
            let expected = Commit(
                id: first,
                subject: "first: «grüße» | 100 %",
                author: "Ada",
                committedAt: Date(timeIntervalSince1970: 1_700_000_000 + 3 * 86_400),
            )
            for reference in ["main", "v1", first.rawValue, first.short, first.rawValue.uppercased()] {
                #expect(try await test.repositories.commit(reference, of: test.project) == expected)
            }
            #expect(try await test.repositories.commit("feature/x", of: test.project).id == second)
            #expect(
                try await test.repositories.heads(of: test.project) == ["main": first, "feature/x": second]
            )
        }
    }

    @Test("takes a branch for itself when a tag has its name")
    func branchWins() async throws {
        try await TestRepository.useOne { test, first in
            try await test.git("tag", "main", first.rawValue)
            try await test.git("push", "--quiet", test.bare, "refs/tags/main")
            let second = try await test.commit(["a": "2"])
            #expect(try await test.repositories.commit("main", of: test.project).id == second)
        }
    }

    @Test(
        "has no commit of a name that is none, and runs nothing for it",
        arguments: [
            "none", "", "-", "--all", "--output=/tmp/opshub-injected", "main~1", "main^", "main^{tree}",
            "HEAD", "@", "@{u}",
            ":/first", "main:a", "main..none", "a b", "main\n", "../main", "0000000", "refs/heads/*",
            "main\u{0}",
        ],
    )
    func unknown(_ reference: String) async throws {
        try await TestRepository.useOne { test, _ in
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.commit(reference, of: test.project)
            }
            #expect(failure?.code == .notFound)
            #expect(!Folder.exists("/tmp/opshub-injected"))
        }
    }

    @Test("that does not exist is not found")
    func noProject() async throws {
        try await TestRepository.use { test in
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.commit("main", of: ProjectName("none"))
            }
            #expect(failure?.code == .notFound)
            #expect(failure?.message == "there is no project 'none'")
        }
    }

    @Test("is read although another account owns it", .enabled(if: SystemUser.current.isRoot))
    func foreignOwner() async throws {
        try await TestRepository.useOne { test, commit in
            let nobody = try #require(SystemUser.find(name: "nobody"))
            try await FileOwnership().give(test.bare, to: nobody)
            #expect(try await test.repositories.heads(of: test.project) == ["main": commit])
        }
    }
}
