// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import ProcessRuntime
import Synchronization
import Testing

@Suite("A command of a team", .timeLimit(.minutes(10)))
struct ProcessBuildRunnerTests {
    @Test(
        "runs as the environment's account for builds, in the services' group, at a low priority, and every line is handed over"
    )
    func account() async throws {
        try await TestHome.use { home in
            let lines = try await run("id -u; id -G; nice; echo last >&2", in: home)
            #expect(lines == ["\(home.builder.userID)", "\(home.user.groupID)", "10", "last"])
            guard SystemUser.current.isRoot else { return }
            #expect(!home.builder.isRoot && home.builder.userID != home.user.userID)
        }
    }

    @Test(
        "gets its variables, a home and a folder for temporary files, and nothing of the control plane's but PATH"
    )
    func variables() async throws {
        try await TestHome.use { home in
            unsafe setenv("OPSHUB_TEST_CANARY", "sings", 1)
            let line = "touch $HOME/cache $TMPDIR/file && env | cut -d= -f1 | sort && echo \"[$TOKEN]\" $PATH"
            let lines = try await run(line, in: home, ["TOKEN": Secret("a b\nc")])
            let names = Set(lines.dropLast(2))
            #expect(lines.suffix(2) == ["[a b", "c] \(ExecutablePath.folders)"])
            let known: Set = [
                "HOME", "LANG", "LOGNAME", "OPSHUB_COMMAND", "PATH", "PWD", "OLDPWD", "TMPDIR", "TOKEN",
                "USER", "c",
            ]
            #expect(names.subtracting(known).isEmpty)
            #expect(try Folder.names(in: "\(home.layout.environment(home.key))/build-home") == ["cache"])
        }
    }

    @Test("gives way to what serves: for processor time, for reads, and where memory runs out")
    func givesWay() async throws {
        try await TestHome.use { home in
            let lines = try await run("nice; ionice; cat /proc/self/oom_score_adj", in: home)
            #expect(lines == ["10", "best-effort: prio 7", "500"])
        }
    }

    @Test("shows the end of its output when it fails")
    func failing() async throws {
        try await TestHome.use { home in
            let failure = await #expect(throws: Failure.self) {
                try await run("seq 1 500; echo no such module >&2; exit 3", in: home)
            }
            #expect(failure?.code == .buildFailed)
            #expect(failure?.message == "'seq 1 500; echo no such module >&2; exit 3' failed: exit status 3")
            #expect(failure?.evidence.suffix(2) == ["500", "no such module"])
            #expect(failure?.evidence.count == 30)
        }
    }

    @Test("is ended with everything it started when its time has run out", arguments: Descendant.allCases)
    func deadline(_ descendant: Descendant) async throws {
        try await TestHome.use { home in
            let line = "echo working; \(descendant.line); sleep 600"
            let failure = await #expect(throws: Failure.self) {
                try await run(line, in: home, timeout: .seconds(6))
            }
            #expect(failure?.code == .deadlineExceeded)
            #expect(failure?.evidence == ["working"])
            let child = try #require(Int32(try await content(of: pidFile(home))))
            #expect(!isAlive(child))
        }
    }

    @Test("is ended with everything it started when it is cancelled", arguments: Descendant.allCases)
    func cancelled(_ descendant: Descendant) async throws {
        try await TestHome.use { home in
            let task = Task { try await run("\(descendant.line); sleep 600", in: home) }
            home.atEnd {
                task.cancel()
                _ = await task.result
            }
            let child = try #require(Int32(try await content(of: pidFile(home))))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(!isAlive(child))
        }
    }

    @Test("leaves nothing running when it has succeeded", arguments: Descendant.allCases)
    func leftBehind(_ descendant: Descendant) async throws {
        try await TestHome.use { home in
            let wait = "while [ ! -s $HOME/pid ]; do sleep 0.02; done"
            _ = try await run("\(descendant.line); \(wait)", in: home)
            let child = try #require(Int32(try await content(of: pidFile(home))))
            #expect(!isAlive(child))
        }
    }

    @Test("can't touch what serves, nor read what it knows", .enabled(if: SystemUser.current.isRoot))
    func keptApart() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("exec python3 server.py")
            _ = try await home.builds.seal(instance.directory, of: home.key)
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            let shared = home.layout.shared(of: home.key)
            for line in [
                "kill -0 \(process)", "cat /proc/\(process)/environ", "ls \(shared)", "touch \(shared)/x",
                "cat \(home.layout.environment(home.key))/slots/*/*/env/*",
            ] {
                await #expect(throws: Failure.self, "\(line)") { try await run(line, in: home) }
            }
            #expect(try await home.runtime.process(of: instance.id) == process)
        }
    }

    @Test("first ends what a killed control plane left running, of its own environment only")
    func leftByAnother() async throws {
        try await TestHome.use { home in
            _ = try await run("true", in: home)
            var left: [Int32] = []
            for environment in ["\(home.key)", "another/one"] {
                let marked = Program(
                    "/bin/sh",
                    ["-c", "setsid sleep 600 >/dev/null 2>&1 & echo $!"],
                    environment: ["OPSHUB_COMMAND": "\(home.layout.root) \(environment)"],
                )
                let output = try await ProgramRunner().run(marked).output
                left.append(try #require(Int32(output.dropLast())))
            }
            defer { for process in left { kill(process, SIGKILL) } }
            _ = try await run("true", in: home)
            #expect(left.map(isAlive) == [false, true])
        }
    }

    @Test("leaves a release of which it is known what somebody changes in it later")
    func altered() async throws {
        try await TestHome.use { home in
            let folder = try await home.release()
            let unsealed = try await home.builds.alterations(of: folder)
            #expect(unsealed.count == 1 && unsealed[0].hasSuffix("is gone, and with it what its files were"))
            _ = try await run("echo one >a; mkdir dist; echo page >dist/index.html", in: home)
            _ = try await home.builds.seal(folder, of: home.key)
            #expect(try await home.builds.alterations(of: folder) == [])
            try FileContent.write(Array("two".utf8), to: "\(folder)/a")
            try Folder.remove("\(folder)/dist")
            #expect(
                try await home.builds.alterations(of: folder)
                    == ["a was changed", "dist/index.html was removed"]
            )
        }
    }

    @Test("may change a release until that is sealed, and then only read and run it")
    func sealed() async throws {
        try await TestHome.use { home in
            let folder = try await home.release()
            _ = try await run(
                "echo 'echo tool' >tool; chmod 755 tool; mkdir dist; echo page >dist/index.html",
                in: home,
            )
            let size = try await home.builds.seal(folder, of: home.key)
            #expect(try await home.builds.seal(folder, of: home.key) == size)
            #expect(size > ByteCount(10))
            #expect(try await run("sh ./tool; cat dist/index.html", in: home) == ["tool", "page"])
            guard SystemUser.current.isRoot else { return }
            for change in ["echo x >tool", "rm tool", "touch new", "chmod 777 tool", "mv dist other"] {
                await #expect(throws: Failure.self) { try await run(change, in: home) }
            }
            var state = stat()
            try #require(unsafe stat(folder, &state) == 0)
            #expect(state.st_uid == 0)
            #expect(state.st_gid == home.user.groupID)
            #expect(state.st_mode & 0o777 == 0o750)
        }
    }

    @Test("is refused below a home that its account can't reach", .enabled(if: SystemUser.current.isRoot))
    func unreachable() async throws {
        let closed = "/tmp/opshub-closed-\(UInt32.random(in: 0...UInt32.max))"
        try Folder.make(closed, mode: 0o700)
        defer { unsafe rmdir(closed) }
        try await TestHome.use(below: closed) { home in
            let failure = await #expect(throws: Failure.self) { try await run("true", in: home) }
            #expect(failure?.hint?.hasPrefix("choose another --home, such as /var/lib/opshub") == true)
        }
    }

    private func pidFile(_ home: TestHome) -> String { "\(home.layout.environment(home.key))/build-home/pid" }

    private func run(
        _ line: String,
        in home: TestHome,
        _ variables: [String: Secret] = [:],
        timeout: Duration = .seconds(60),
    ) async throws -> [String] {
        let folder = home.layout.release("r1", of: home.key)
        if !Folder.exists(folder) { _ = try await home.release() }
        let lines = Mutex<[String]>([])
        let command = BuildCommand(
            environment: home.key,
            line: line,
            directory: folder,
            variables: variables,
            timeout: timeout,
        )
        try await home.builds.run(command) { line in lines.withLock { $0.append(line) } }
        return lines.withLock { $0 }
    }

    /// What a command may start beside itself.
    enum Descendant: CaseIterable {
        case child, inAnotherSession, withoutVariables

        var line: String {
            switch self {
            case .child: "(trap '' TERM; exec sleep 600) & echo $! >$HOME/pid"
            case .inAnotherSession: "setsid sh -c 'echo $$ >$HOME/pid; exec sleep 600' & true"
            case .withoutVariables: "env -i HOME=$HOME sh -c 'echo $$ >$HOME/pid; exec sleep 600' & true"
            }
        }
    }
}
