// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import GitSource
import HostSystem
import Testing

@Suite("A project's history", .timeLimit(.minutes(10)))
struct GitHistoryTests {
    @Test("is told from one commit to another, newest first")
    func range() async throws {
        try await TestRepository.use { test in
            var ids: [CommitID] = []
            for day in 1...4 { ids.append(try await test.commit(["a": "\(day)"], "day \(day)", day: day)) }
            let (repositories, project) = (test.repositories, test.project)
            let some = try await repositories.commits(from: ids[0], to: ids[3], of: project, limit: 10)
            #expect(some.map(\.subject) == ["day 4", "day 3", "day 2"])
            #expect(some.map(\.id) == [ids[3], ids[2], ids[1]])
            let limited = try await repositories.commits(from: ids[0], to: ids[3], of: project, limit: 1)
            #expect(limited.map(\.subject) == ["day 4"])
            #expect(try await repositories.commits(from: ids[3], to: ids[3], of: project, limit: 10).isEmpty)
            #expect(try await repositories.commits(from: nil, to: ids[3], of: project, limit: 10).count == 4)
        }
    }

    @Test("is told from its beginning when the earlier commit is gone")
    func gone() async throws {
        try await TestRepository.useOne { test, commit in
            let none = CommitID(String(repeating: "b", count: 40))
            let all = try await test.repositories.commits(
                from: none,
                to: commit,
                of: test.project,
                limit: 10,
            )
            #expect(all.map(\.id) == [commit])
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.commits(from: nil, to: none, of: test.project, limit: 10)
            }
            #expect(failure?.code == .notFound)
        }
    }

    @Test("has an empty subject where there is none, and authors with strange names")
    func strange() async throws {
        try await TestRepository.useOne { test, _ in
            let tree = try await test.git("rev-parse", "HEAD^{tree}")
            try await test.git(
                "-c",
                "user.name=x",
                "commit",
                "--quiet",
                "--allow-empty",
                "--allow-empty-message",
                "-m",
                "",
                "--author",
                "a\tb «c» <x@y>",
            )
            try await test.git("push", "--quiet", test.bare, "main")
            let commit = try await test.repositories.commit("main", of: test.project)
            #expect(commit.subject == "")
            #expect(commit.author == "a\tb «c»")
            #expect(!tree.isEmpty)
        }
    }

    @Test("tells which paths differ, whatever they are called")
    func changedPaths() async throws {
        try await TestRepository.use { test in
            let first = try await test.commit([
                "kept": "1", "changed": "1", "removed": "1", "old": "some longer text\n",
            ])
            let second = try await test.commit([
                "changed": "2", "removed": nil, "old": nil, "new": "some longer text\n", "ü ☃": "1",
                "tab\tquote\"": "1", "line\nbreak": "1", "-rf": "1", "folder/:(glob)": "1",
            ])
            let paths = try await test.repositories.changedPaths(from: first, to: second, of: test.project)
            #expect(
                paths == [
                    "-rf", "changed", "folder/:(glob)", "line\nbreak", "new", "old", "removed",
                    "tab\tquote\"", "ü ☃",
                ]
            )
            #expect(
                try await test.repositories.changedPaths(from: second, to: second, of: test.project).isEmpty
            )
            let all = try await test.repositories.paths(at: second, of: test.project)
            #expect(
                all == [
                    "-rf", "changed", "folder/:(glob)", "kept", "line\nbreak", "new", "tab\tquote\"", "ü ☃",
                ]
            )
        }
    }

    @Test("tells of paths that are not UTF-8")
    func notUnicode() async throws {
        try await TestRepository.useOne { test, first in
            let script = "printf x >\"$(printf 'f\\377')\" && git add --all"
            _ = try await ProgramRunner().run(Program("/bin/sh", ["-c", script], in: test.copy))
                .checked(doing: "adding")
            try await test.git("commit", "--quiet", "-m", "strange")
            try await test.git("push", "--quiet", test.bare, "main")
            let second = try await test.repositories.commit("main", of: test.project).id
            #expect(
                try await test.repositories.changedPaths(from: first, to: second, of: test.project) == [
                    "f\u{FFFD}"
                ]
            )
            let folder = "\(test.layout.root)/out"
            try await test.repositories.checkOut(second, of: test.project, into: folder)
            #expect(try Folder.names(in: folder).count == 3)
        }
    }

    @Test(
        "refuses commits that are none",
        arguments: ["", "main", "--help", "abc", String(repeating: "g", count: 40)],
    )
    func badCommit(_ text: String) async throws {
        try await TestRepository.useOne { test, good in
            let bad = CommitID(text)
            let (repositories, project) = (test.repositories, test.project)
            let failures = [
                await #expect(throws: Failure.self) {
                    try await repositories.changedPaths(from: bad, to: good, of: project)
                },
                await #expect(throws: Failure.self) { try await repositories.paths(at: bad, of: project) },
                await #expect(throws: Failure.self) {
                    try await repositories.file("a", at: bad, of: project)
                },
                await #expect(throws: Failure.self) {
                    try await repositories.commits(from: bad, to: good, of: project, limit: 1)
                },
                await #expect(throws: Failure.self) {
                    try await repositories.checkOut(bad, of: project, into: "\(test.layout.root)/out")
                },
            ]
            #expect(failures.allSatisfy { $0?.code == .invalid })
        }
    }

    @Test("holds each file's bytes")
    func file() async throws {
        try await TestRepository.use { test in
            try await test.commit([
                "opshub.yml": "project: demo\n", "empty": "", "folder/file": "x", "[a]*?": "odd",
            ])
            let bytes: [UInt8] = [0xFF, 0, 0x0A, 0x0D, 0x0A]
            try FileContent.write(bytes, to: "\(test.copy)/binary")
            try await test.git(
                "update-index",
                "--add",
                "--cacheinfo",
                "120000,\(try await test.git("hash-object", "-w", "opshub.yml")),link",
            )
            let commit = try await test.commit([:])
            let (repositories, project) = (test.repositories, test.project)
            #expect(
                try await repositories.file("opshub.yml", at: commit, of: project)
                    == Array("project: demo\n".utf8)
            )
            #expect(try await repositories.file("binary", at: commit, of: project) == bytes)
            #expect(try await repositories.file("empty", at: commit, of: project) == [])
            #expect(try await repositories.file("folder/file", at: commit, of: project) == Array("x".utf8))
            #expect(try await repositories.file("[a]*?", at: commit, of: project) == Array("odd".utf8))
            for path in ["none", "folder", "folder/none", "opshub", "*", "opshub.yml/x"] {
                #expect(try await repositories.file(path, at: commit, of: project) == nil)
            }
        }
    }

    @Test(
        "holds no file outside of the repository",
        arguments: ["../x", "/etc/passwd", "a/../b", "", "./a", "a/", "a//b", "a\0b"],
    )
    func badPath(_ path: String) async throws {
        try await TestRepository.useOne { test, commit in
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.file(path, at: commit, of: test.project)
            }
            #expect(failure?.code == .invalid)
        }
    }
}
