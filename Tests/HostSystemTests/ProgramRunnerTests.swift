// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Synchronization
import Testing

@Suite("Running a program", .timeLimit(.minutes(10)))
struct ProgramRunnerTests {
    let runner = ProgramRunner()

    @Test("tells how it ended and what it said")
    func result() async throws {
        let result = try await runner.run(
            Program("/bin/sh", ["-c", "cat; echo no >&2; exit 3"]),
            input: "yes",
        )
        #expect(result.output == "yes")
        #expect(result.errors == "no\n")
        #expect(result.ending == .exited(3))
        let failure = #expect(throws: Failure.self) { try result.checked(doing: "trying") }
        #expect(failure?.message == "trying failed: exit status 3")
        #expect(failure?.evidence == ["$ /bin/sh -c 'cat; echo no >&2; exit 3'", "no"])
    }

    @Test("keeps every byte")
    func bytes() async throws {
        let program = Program("printf", ["\\377\\000\\n\\376"])
        #expect(try await runner.bytes(of: program, doing: "printing") == [0xFF, 0, 0x0A, 0xFE])
        let failing = Program("/bin/sh", ["-c", "printf x; exit 1"])
        await #expect(throws: Failure.self) { try await runner.bytes(of: failing, doing: "printing") }
    }

    @Test("loses no line that was written just before the end")
    func lines() async throws {
        let lines = Mutex<[String]>([])
        let result = try await runner.run(Program("seq", ["1", "100000"])) { line in
            lines.withLock { $0.append(line) }
        }
        #expect(result.isSuccess)
        #expect(lines.withLock { $0.count } == 100_000)
        #expect(lines.withLock { $0.last } == "100000")
        #expect(result.output.split(separator: "\n").count == 200)
    }

    @Test("says that a program is missing")
    func missing() async throws {
        let failure = await #expect(throws: Failure.self) {
            try await runner.run(Program("no-such-program-here"))
        }
        #expect(failure?.code == .missingProgram)
        #expect(failure?.message == "no-such-program-here is not installed or not in PATH")
    }

    @Test("ends everything when its time has run out", arguments: [false, true])
    func deadline(_ isStubborn: Bool) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let trap = isStubborn ? "trap '' TERM; " : ""
            let line = "(trap '' TERM; exec sleep 600) & echo $! >\(out); \(trap)sleep 600"
            let program = Program("/bin/sh", ["-c", line], deadline: .milliseconds(500))
            let failure = await #expect(throws: Failure.self) { try await runner.run(program) }
            #expect(failure?.code == .deadlineExceeded)
            let child = try #require(Int32(try await content(of: out)))
            #expect(!isAlive(child))
        }
    }

    @Test("ends everything when it is cancelled")
    func cancelled() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = Program(
                "/bin/sh",
                ["-c", "(trap '' TERM; exec sleep 600) & echo $! >\(out); sleep 600"],
            )
            let task = Task { try await runner.run(program) { _ in } }
            let child = try #require(Int32(try await content(of: out)))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!isAlive(child))
        }
    }

    @Test("leaves nothing of a team's command behind when it ended by itself")
    func leftBehind() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = Program("/bin/sh", ["-c", "sleep 600 & echo $! >\(out)"])
            let result = try await runner.run(program) { _ in }
            #expect(result.isSuccess)
            let child = try #require(Int32(try await content(of: out)))
            #expect(!isAlive(child))
        }
    }

    @Test("changes the user completely", .enabled(if: SystemUser.current.isRoot))
    func user() async throws {
        let result = try await runner.run(Program("/bin/sh", ["-c", "id -u; id -g; id -G"], as: nobody))
        #expect(result.output == "\(nobody.userID)\n\(nobody.groupID)\n\(nobody.groupID)\n")
    }

    @Test("gives only the variables that it should")
    func variables() async throws {
        unsafe setenv("OPSHUB_TEST_CANARY", "sings", 1)
        let closed = Program("/usr/bin/env", environment: ["A": "1"], inheritsEnvironment: false)
        #expect(try await runner.run(closed).output == "A=1\n")
        let open = Program("/usr/bin/env", environment: ["A": "1"])
        #expect(try await runner.run(open).output.contains("OPSHUB_TEST_CANARY=sings\n"))
    }
}
