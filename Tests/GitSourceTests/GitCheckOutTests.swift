// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import GitSource
import Glibc
import HostSystem
import Testing

@Suite("Checking out a commit", .timeLimit(.minutes(10)))
struct GitCheckOutTests {
    @Test("writes all of its files, and no others")
    func whole() async throws {
        try await TestRepository.use { test in
            try await test.commit(["old": "1"])
            let commit = try await test.commit([
                "old": nil, "a": "1", "folder/b": "2", ".hidden": "3", "empty": "",
            ])
            let folder = "\(test.layout.root)/releases/r1"
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            #expect(try Folder.names(in: folder) == [".hidden", ".opshub-commit", "a", "empty", "folder"])
            #expect(try FileContent.text(of: "\(folder)/folder/b") == "2")
            #expect(try FileContent.text(of: "\(folder)/.opshub-commit") == "\(commit)\n")
            #expect(try Folder.names(in: "\(test.layout.root)/releases") == ["r1"])
        }
    }

    @Test("keeps modes and links")
    func modes() async throws {
        try await TestRepository.use { test in
            try Folder.make(test.copy)
            try FileContent.write(Array("#!/bin/sh\n".utf8), to: "\(test.copy)/tool", mode: 0o755)
            _ = unsafe symlink("tool", "\(test.copy)/link")
            let commit = try await test.commit(["plain": "1"])
            let folder = "\(test.layout.root)/r1"
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            var state = stat()
            try #require(unsafe lstat("\(folder)/tool", &state) == 0)
            #expect(state.st_mode & 0o100 != 0)
            try #require(unsafe lstat("\(folder)/link", &state) == 0)
            #expect(state.st_mode & S_IFMT == S_IFLNK)
            try #require(unsafe lstat("\(folder)/plain", &state) == 0)
            #expect(state.st_mode & 0o111 == 0)
        }
    }

    @Test("leaves a folder alone that holds the commit already, with what was built in it")
    func idempotent() async throws {
        try await TestRepository.useOne { test, commit in
            let folder = "\(test.layout.root)/r1"
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            try FileContent.write(Array("built".utf8), to: "\(folder)/built")
            try FileContent.write(Array("changed".utf8), to: "\(folder)/a")
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            #expect(try FileContent.text(of: "\(folder)/built") == "built")
            #expect(try FileContent.text(of: "\(folder)/a") == "changed")
        }
    }

    @Test("refuses a folder that holds another commit")
    func another() async throws {
        try await TestRepository.useOne { test, first in
            let second = try await test.commit(["a": "2"])
            let folder = "\(test.layout.root)/r1"
            try await test.repositories.checkOut(first, of: test.project, into: folder)
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.checkOut(second, of: test.project, into: folder)
            }
            #expect(failure?.code == .conflict)
            #expect(try FileContent.text(of: "\(folder)/a") == "1")
        }
    }

    @Test("replaces what a crash left", arguments: ["r1", "r1.partial"])
    func torn(_ name: String) async throws {
        try await TestRepository.use { test in
            let commit = try await test.commit(["a": "1", "b/c": "2"])
            try Folder.make("\(test.layout.root)/\(name)/b")
            try FileContent.write(Array("to".utf8), to: "\(test.layout.root)/\(name)/torn")
            try FileContent.write(Array("DIRC".utf8), to: "\(test.layout.root)/r1.partial-index")
            try await test.repositories.checkOut(commit, of: test.project, into: "\(test.layout.root)/r1")
            #expect(try Folder.names(in: "\(test.layout.root)/r1") == [".opshub-commit", "a", "b"])
            #expect(try Folder.names(in: test.layout.root).filter { $0.contains("partial") }.isEmpty)
        }
    }

    @Test("leaves nothing when it is cancelled, and can be done again")
    func cancelled() async throws {
        try await TestRepository.useOne { test, commit in
            let folder = "\(test.layout.root)/r1"
            let task = Task { try await test.repositories.checkOut(commit, of: test.project, into: folder) }
            task.cancel()
            if case .failure = await task.result { #expect(!Folder.exists(folder)) }
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            #expect(try FileContent.text(of: "\(folder)/a") == "1")
        }
    }

    @Test("writes a commit without files")
    func empty() async throws {
        try await TestRepository.use { test in
            let commit = try await test.commit([:])
            let folder = "\(test.layout.root)/r1"
            try await test.repositories.checkOut(commit, of: test.project, into: folder)
            #expect(try Folder.names(in: folder) == [".opshub-commit"])
        }
    }

    @Test("leaves nothing for a commit that does not exist")
    func unknown() async throws {
        try await TestRepository.use { test in
            let none = CommitID(String(repeating: "c", count: 40))
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.checkOut(none, of: test.project, into: "\(test.layout.root)/r1")
            }
            #expect(failure?.code == .notFound)
            #expect(!Folder.exists("\(test.layout.root)/r1"))
        }
    }

    @Test("says that submodules are not supported, but lets an empty list of them pass")
    func submodules() async throws {
        try await TestRepository.use { test in
            let folder = "\(test.layout.root)/r1"
            let modules = "[submodule \"lib\"]\n    path = lib\n    url = https://example.com/lib\n"
            let commit = try await test.commit([".gitmodules": modules])
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.checkOut(commit, of: test.project, into: folder)
            }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.contains("has submodules") == true)
            #expect(!Folder.exists(folder))
            let emptied = try await test.commit([".gitmodules": "\n"])
            try await test.repositories.checkOut(emptied, of: test.project, into: folder)
        }
    }

    @Test("says that Git LFS is not supported, but lets a mere setting pass")
    func largeFiles() async throws {
        try await TestRepository.use { test in
            let setting = try await test.commit(["assets/.gitattributes": "*.bin -text\n*.mp4 filter=lfs\n"])
            try await test.repositories.checkOut(setting, of: test.project, into: "\(test.layout.root)/r1")
            let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n"
            let commit = try await test.commit(["assets/film.mp4": pointer])
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.checkOut(
                    commit,
                    of: test.project,
                    into: "\(test.layout.root)/r2",
                )
            }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.contains("keeps assets/film.mp4 in Git LFS") == true)
        }
    }
}
