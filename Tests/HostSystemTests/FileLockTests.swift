// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("A lock file", .timeLimit(.minutes(10)))
struct FileLockTests {
    @Test("is held by one at a time, who is named")
    func held() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/lock"
            let lock = try FileLock(path)
            #expect(FileLock.holder(of: path) == getpid())
            let failure = #expect(throws: Failure.self) { _ = try FileLock(path) }
            #expect(failure?.code == .stateLocked)
            #expect(failure?.message.hasPrefix("\(path) is held by process \(getpid()) (") == true)
            withExtendedLifetime(lock) {}
        }
    }

    @Test("is free again when its holder lets go")
    func released() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/lock"
            do { _ = try FileLock(path) }
            try await eventually("it is free") { (try? FileLock(path)) != nil }
        }
    }

    @Test("is not inherited by programs that its holder starts")
    func notInherited() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/lock"
            var lock: FileLock? = try FileLock(path)
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            try await Supervisor().ensure(program)
            withExtendedLifetime(lock) {}
            lock = nil
            // A program that another test is starting right now holds it for a moment, until it is that program.
            try await eventually("it is free") { (try? FileLock(path)) != nil }
        }
    }

    @Test("is free when its holder was killed")
    func killed() async throws {
        try await Scratch.use { scratch in
            let path = "\(scratch.path)/lock"
            let out = "\(scratch.path)/out"
            let script = """
                import fcntl, os, time
                f = open('\(path)', 'w'); fcntl.flock(f, fcntl.LOCK_EX); f.write(str(os.getpid())); f.flush()
                open('\(out)', 'w').write('locked\\n'); time.sleep(600)
                """
            let program = scratch.program(["python3", "-c", script]) {
                $0.ambient = ["PATH": ExecutablePath.folders]
            }
            try await Supervisor().ensure(program)
            _ = try await content(of: out)
            #expect(throws: Failure.self) { _ = try FileLock(path) }
            try await Supervisor().stop(program.folder, timeout: .zero)
            try await eventually("it is free") { (try? FileLock(path)) != nil }
        }
    }
}
