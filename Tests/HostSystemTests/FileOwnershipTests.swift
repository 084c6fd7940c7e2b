// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("Handing folders over", .enabled(if: SystemUser.current.isRoot), .timeLimit(.minutes(10)))
struct FileOwnershipTests {
    let ownership = FileOwnership()

    @Test("gives everything to an account and nothing of it to others")
    func give() async throws {
        try await Scratch.use { scratch in
            let folder = try tree(in: scratch)
            try await ownership.give(folder, to: nobody)
            try await ownership.give(folder, to: nobody)
            let file = try state("\(folder)/inner/file")
            #expect(file.st_uid == nobody.userID)
            #expect(file.st_mode & 0o777 == 0o640)
            #expect(try state("\(folder)/inner/tool").st_mode & 0o777 == 0o750)
            #expect(try state(folder).st_mode & 0o777 == 0o750)
        }
    }

    @Test("seals so that the account reads and runs, but changes nothing")
    func seal() async throws {
        try await Scratch.use { scratch in
            let folder = try tree(in: scratch)
            try await ownership.give(folder, to: nobody)
            try Folder.setMode(0o4777, of: "\(folder)/inner/tool")
            try await ownership.seal(folder, readableBy: nobody)
            try await ownership.seal(folder, readableBy: nobody)
            #expect(try state("\(folder)/inner/tool").st_mode & 0o7777 == 0o750)
            #expect(try state("\(folder)/inner").st_mode & 0o7777 == 0o750)
            #expect(try state("\(folder)/inner/file").st_uid == 0)
            let read = Program("cat", ["\(folder)/inner/file"], as: nobody)
            #expect(try await ProgramRunner().run(read).output == "text")
            let write = Program(
                "/bin/sh",
                ["-c", "echo >>\(folder)/inner/file || rm -rf \(folder)/inner"],
                as: nobody,
            )
            #expect(try await ProgramRunner().run(write).isSuccess == false)
            #expect(try FileContent.text(of: "\(folder)/inner/file") == "text")
        }
    }

    @Test("does not follow links out of the folder")
    func links() async throws {
        try await Scratch.use { scratch in
            let folder = try tree(in: scratch)
            let outside = "\(scratch.path)/outside"
            try FileContent.write(Array("mine".utf8), to: outside, mode: 0o600)
            _ = unsafe symlink(outside, "\(folder)/link")
            try await ownership.give(folder, to: nobody)
            try await ownership.seal(folder, readableBy: nobody)
            #expect(try state(outside).st_uid == 0)
            #expect(try state(outside).st_gid == 0)
            #expect(try state(outside).st_mode & 0o777 == 0o600)
        }
    }

    private func tree(in scratch: Scratch) throws -> String {
        let folder = "\(scratch.path)/tree"
        try Folder.make("\(folder)/inner")
        try FileContent.write(Array("text".utf8), to: "\(folder)/inner/file", mode: 0o666)
        try FileContent.write(Array("#!/bin/sh\n".utf8), to: "\(folder)/inner/tool", mode: 0o755)
        return folder
    }

    private func state(_ path: String) throws -> stat {
        var state = stat()
        try #require(unsafe lstat(path, &state) == 0)
        return state
    }
}
