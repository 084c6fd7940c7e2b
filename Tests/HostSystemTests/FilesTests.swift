// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("Files and folders")
struct FilesTests {
    @Test("A folder is made with those above it, whatever the umask, and stays as it is when it exists")
    func make() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/a/b/c"
            try Folder.make(path, mode: 0o751)
            #expect(try mode(path) == 0o751)
            #expect(try mode("\(scratch.path)/a") == 0o751)
            try Folder.make(path, mode: 0o700)
            #expect(try mode(path) == 0o751)
        }
    }

    @Test("A folder is not made where a file is")
    func makeOverFile() async throws {
        try await Scratch.use { scratch in
            try FileContent.write([1], to: "\(scratch.path)/a")
            #expect(throws: Failure.self) { try Folder.make("\(scratch.path)/a") }
            #expect(throws: Failure.self) { try Folder.make("\(scratch.path)/a/b") }
        }
    }

    @Test("Removing does not follow links, and nothing to remove is no error")
    func remove() async throws {
        try await Scratch.use { scratch in
            try Folder.make("\(scratch.path)/kept")
            try FileContent.write([1], to: "\(scratch.path)/kept/file")
            try Folder.make("\(scratch.path)/a/b")
            _ = unsafe symlink("\(scratch.path)/kept", "\(scratch.path)/a/b/link")
            try Folder.remove("\(scratch.path)/a")
            try Folder.remove("\(scratch.path)/a")
            #expect(try Folder.names(in: scratch.path) == ["kept"])
            #expect(try FileContent.bytes(of: "\(scratch.path)/kept/file") == [1])
        }
    }

    @Test("A file that does not exist has no content")
    func missing() async throws {
        try await Scratch.use { scratch in
            let none = try FileContent.bytes(of: "\(scratch.path)/none")
            #expect(none == nil)
            #expect(try FileContent.bytes(of: "\(scratch.path)/none/deeper") == nil)
            #expect(try Folder.names(in: "\(scratch.path)/none") == [])
            #expect(throws: Failure.self) { try FileContent.bytes(of: scratch.path) }
        }
    }

    @Test("What /proc told of a process that has ended is no error, and is not there")
    func endedProcess() throws {
        // A child that nobody has waited for keeps its number and its folder, but nothing can be read of its memory.
        var child = pid_t()
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("true"), nil]
        defer { unsafe free(arguments[0]) }
        try #require(unsafe posix_spawnp(&child, "true", nil, nil, &arguments, nil) == 0)
        defer { _ = waitpid(child, nil, 0) }
        var state = unsafe siginfo_t()
        try #require(unsafe waitid(P_PID, id_t(child), &state, WEXITED | WNOWAIT) == 0)
        let environment = try FileContent.bytes(of: "/proc/\(child)/environ")
        #expect(environment == nil)
    }

    @Test("A durable write replaces the whole file with its mode, and leaves nothing beside it")
    func durable() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/state"
            try DurableFile.write("a longer text", to: path, mode: 0o644)
            try FileContent.write(Array("torn".utf8), to: path + ".partial")
            try DurableFile.write("short", to: path, mode: 0o600)
            #expect(try FileContent.text(of: path) == "short")
            #expect(try mode(path) == 0o600)
            #expect(try Folder.names(in: scratch.path) == ["state"])
        }
    }

    @Test(
        "A durable copy is made when anything differs, and otherwise left alone",
        arguments: [0, 1, 1 << 20, (1 << 20) + 1],
    )
    func copy(_ size: Int) async throws {
        try await Scratch.use { scratch in
            let (source, path) = ("\(scratch.path)/source", "\(scratch.path)/copy")
            func number() throws -> UInt64 {
                var state = stat()
                try #require(unsafe lstat(path, &state) == 0)
                return UInt64(state.st_ino)
            }
            var bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 / 7) }
            try DurableFile.write(bytes, to: source)
            try DurableFile.copy(source, to: path, mode: 0o755)
            #expect(try FileContent.bytes(of: path) == bytes)
            #expect(try mode(path) == 0o755)
            let first = try number()
            try DurableFile.copy(source, to: path, mode: 0o755)
            #expect(try number() == first)
            bytes.append(1)
            try DurableFile.write(bytes, to: source)
            try DurableFile.copy(source, to: path, mode: 0o755)
            #expect(try FileContent.bytes(of: path) == bytes)
            #expect(throws: Failure.self) { try DurableFile.copy("\(scratch.path)/none", to: path) }
            #expect(try FileContent.bytes(of: path) == bytes)
        }
    }

    @Test("A folder contains what is in it once links were followed, and nothing beside it")
    func contains() async throws {
        try await Scratch.use { scratch in
            let folder = "\(scratch.path)/release"
            try Folder.make("\(folder)/in")
            try Folder.make("\(scratch.path)/release-2")
            _ = unsafe symlink("/etc", "\(folder)/out")
            _ = unsafe symlink("in", "\(folder)/back")
            #expect(Folder.contains(folder, folder))
            #expect(Folder.contains(folder, "\(folder)/in"))
            #expect(Folder.contains(folder, "\(folder)/back"))
            #expect(!Folder.contains(folder, "\(folder)/out"))
            #expect(!Folder.contains(folder, "\(folder)/in/../../release-2"))
            #expect(!Folder.contains(folder, "\(folder)/nothing"))
            #expect(Folder.isLink("\(folder)/out") && !Folder.isLink("\(folder)/in"))
        }
    }

    @Test("A durable write that fails leaves the old content", arguments: [false, true])
    func failed(_ isFull: Bool) async throws {
        try await Scratch.use { scratch in
            let path = isFull ? "/dev/full" : "\(scratch.path)/none/state"
            let failure = #expect(throws: Failure.self) {
                if isFull {
                    try FileContent.write([1], to: path)
                } else {
                    try DurableFile.write("text", to: path)
                }
            }
            #expect(failure?.code == (isFull ? .diskFull : .unexpected))
        }
    }

    @Test(
        "Free space is told, also for a folder that is not there yet",
        arguments: ["/", "/tmp", "/tmp/none/deeper"],
    )
    func space(_ path: String) throws {
        #expect(try DiskSpace.available(at: path) > ByteCount(0))
    }

    private func mode(_ path: String) throws -> UInt32 {
        var state = stat()
        try #require(unsafe lstat(path, &state) == 0)
        return state.st_mode & 0o7777
    }
}
