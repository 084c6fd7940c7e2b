// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("What a supervised program gets", .timeLimit(.minutes(10)))
struct SupervisorEnvironmentTests {
    let supervisor = Supervisor()

    @Test(
        "is exactly the value of each variable",
        arguments: [
            "plain", "", " ", "two  spaces  ", "tab\t", "line\nbreak", "ends\n", "\n", "a \nb ",
            "quote ' \" $HOME `id` \\",
            "grüße ☃", "=", "a.", "a .",
        ],
    )
    func values(_ value: String) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let script = "import os; open('\(out)', 'w').write(ascii(os.environ.get('VALUE')) + '\\n')"
            let program = scratch.program(["python3", "-c", script + "; import time; time.sleep(600)"]) {
                $0.variables = ["VALUE": Secret(value)]
                $0.ambient = ["PATH": ExecutablePath.folders]
            }
            try await supervisor.ensure(program)
            let expected = try await ProgramRunner()
                .run(
                    Program(
                        "python3",
                        ["-c", "import os; print(ascii(os.environ['VALUE']))"],
                        environment: ["VALUE": value],
                    )
                )
            #expect(try await content(of: out) + "\n" == expected.output)
        }
    }

    @Test("is nothing of the control plane's own variables")
    func canary() async throws {
        try await Scratch.use { scratch in
            unsafe setenv("OPSHUB_TEST_CANARY", "sings", 1)
            let out = "\(scratch.path)/out"
            let program = scratch.program([
                "/bin/sh", "-c", "env | cut -d= -f1 | sort >\(out); exec sleep 600",
            ]) {
                $0.variables = ["VALUE": Secret("1")]
                $0.ambient = ["PATH": "/usr/bin:/bin"]
            }
            try await supervisor.ensure(program)
            let names = Set(try await content(of: out).split(separator: "\n").map(String.init))
            #expect(names.subtracting(["PWD", "OLDPWD"]) == ["OPSHUB_SUPERVISED", "PATH", "VALUE"])
        }
    }

    @Test("stands in files that only the control plane's account can read, and on no command line")
    func modes() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"]) {
                $0.variables = ["KEY": Secret("hunter2"), "BLANK": Secret("hunter2 ")]
            }
            try await supervisor.ensure(program)
            #expect(try mode(program.folder) == 0o700)
            #expect(try mode("\(program.folder)/env") == 0o700)
            #expect(try mode("\(program.folder)/env/KEY") == 0o600)
            for id in ProcessTable.all().map(\.id) {
                let line = (try? FileContent.text(of: "/proc/\(id)/cmdline")) ?? nil
                #expect(line?.contains("hunter2") != true || id == getpid())
            }
            for script in ["run", "finish", "program.json"] {
                #expect(try FileContent.text(of: "\(program.folder)/\(script)")?.contains("hunter2") == false)
            }
        }
    }

    @Test("goes away when it is cleared, while its log stays")
    func cleared() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "echo said; exec sleep 600"]) {
                $0.variables = ["KEY": Secret("hunter2")]
                $0.log = .init(folder: "\($0.folder)/log/main")
            }
            try await supervisor.ensure(program)
            try await eventually("the log has it") {
                try FileContent.text(of: "\(program.folder)/log/main/current")?.contains("said") == true
            }
            try await supervisor.clear(program.folder)
            #expect(try Folder.names(in: program.folder) == ["log"])
            #expect(try Folder.names(in: "\(program.folder)/log") == ["main"])
            #expect(try supervisor.status(of: program.folder) == nil)
        }
    }

    @Test("is refused when it can't be passed on", arguments: ["1A", "A-B", "A=B", "A/B", "", ".A", "A\0"])
    func badNames(_ name: String) async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"]) {
                $0.variables = [name: Secret("1")]
            }
            let failure = await #expect(throws: Failure.self) { try await supervisor.ensure(program) }
            #expect(failure?.code == .invalid)
            #expect(!Folder.exists(program.folder))
        }
    }

    @Test(
        "is an account that is not root, with no groups but its own",
        .enabled(if: SystemUser.current.isRoot),
    )
    func account() async throws {
        try await Scratch.use { scratch in
            let out = try scratch.folder("writable", for: nobody) + "/out"
            let program = scratch.program([
                "/bin/sh", "-c", "echo $(id -u) $(id -g) $(id -G) >\(out); exec sleep 600",
            ]) {
                $0.user = nobody
                $0.ambient = ["PATH": "/usr/bin:/bin"]
            }
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "\(nobody.userID) \(nobody.groupID) \(nobody.groupID)")
        }
    }

    @Test(
        "is the memory that it may have, and no more",
        arguments: [(Int64(120), "refused"), (400, "got it")],
    )
    func memory(_ limit: Int64, _ answer: String) async throws {
        try await Scratch.use { scratch in
            let script = """
                import sys
                try:
                    bytearray(200 << 20)
                    print('got it')
                except MemoryError:
                    print('refused')
                sys.stdout.flush()
                import time; time.sleep(600)
                """
            let program = scratch.program(["python3", "-c", script]) {
                $0.limits.memory = .mebibytes(limit)
                $0.ambient = ["PATH": ExecutablePath.folders]
                $0.log = .init(folder: "\($0.folder)/log/main")
            }
            try await supervisor.ensure(program)
            #expect(try await content(of: "\(program.folder)/log/main/current").hasSuffix(answer))
        }
    }

    @Test("is the number of files that it may open")
    func openFiles() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(["/bin/sh", "-c", "ulimit -n >\(out); exec sleep 600"]) {
                $0.limits.openFiles = 123
            }
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "123")
        }
    }

    @Test("is a log in files of a limited size, of which a limited number is kept")
    func rotation() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let line =
                "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i + 1)); done; echo done >\(out); exec sleep 600"
            let program = scratch.program(["/bin/sh", "-c", line]) {
                $0.log = .init(folder: "\($0.folder)/log/main", fileSize: ByteCount(4096), keptFiles: 3)
            }
            try await supervisor.ensure(program)
            _ = try await content(of: out)
            let folder = "\(program.folder)/log/main"
            try await eventually("all is written") {
                try FileContent.text(of: "\(folder)/current")?.contains("line 2999\n") == true
            }
            let kept = try Folder.names(in: folder).filter { $0.hasPrefix("@") }
            #expect(kept.count == 3)
            for name in kept { #expect(try FileContent.bytes(of: "\(folder)/\(name)")?.count ?? 0 <= 4096) }
        }
    }

    private func mode(_ path: String) throws -> UInt32 {
        var state = stat()
        try #require(unsafe lstat(path, &state) == 0)
        return state.st_mode & 0o7777
    }
}
