// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("Stopping a supervised program", .timeLimit(.minutes(10)))
struct SupervisorStopTests {
    let supervisor = Supervisor()

    @Test("lets it end in its own way")
    func graceful() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(
                shell("trap 'echo bye >>\(out); exit 0' TERM; echo up >>\(out); while :; do sleep 0.05; done")
            )
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "up")
            try await supervisor.stop(program.folder)
            #expect(try FileContent.text(of: out) == "up\nbye\n")
            #expect(try supervisor.status(of: program.folder) == .init(state: .stopped, isSupervised: false))
        }
    }

    @Test("kills it after its timeout when it ignores being asked")
    func stubborn() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(
                shell("trap '' TERM; echo up >\(out); while :; do sleep 0.05; done")
            ) { $0.stop.timeout = .milliseconds(700) }
            try await supervisor.ensure(program)
            _ = try await content(of: out)
            let process = try supervisor.process(of: program)
            let duration = try await ContinuousClock().measure { try await supervisor.stop(program.folder) }
            #expect(!isAlive(process))
            #expect(duration >= .milliseconds(700))
        }
    }

    @Test("ends everything that it started", arguments: Descendant.allCases)
    func descendants(_ descendant: Descendant) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(shell("\(descendant.line(out)) sleep 600")) {
                $0.stop.timeout = .seconds(1)
            }
            try await supervisor.ensure(program)
            let child = try #require(Int32(try await content(of: out)))
            #expect(isAlive(child))
            try await supervisor.stop(program.folder)
            #expect(!isAlive(child))
        }
    }

    @Test("asks the whole group when a shell stands between")
    func group() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let inner =
                "trap 'echo bye >>\(out); exit 0' TERM; echo up >>\(out); while :; do sleep 0.05; done"
            let line = ShellLine("true && sh -c \"\(inner)\"; true")
            let program = scratch.program(line.command) { $0.stop.reach = line.reach }
            #expect(line.reach == .group)
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "up")
            try await supervisor.stop(program.folder)
            #expect(try FileContent.text(of: out) == "up\nbye\n")
        }
    }

    @Test(
        "asks nobody twice, since that means to hurry",
        arguments: ["sh -c \"$INNER\"; true", "exec sh -c \"$INNER\""],
    )
    func once(_ text: String) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let inner = """
                trap 'echo asked >>\(out); left=10' TERM; echo up >>\(out)
                left=10000; while [ $left -gt 0 ]; do sleep 0.05; left=$((left - 1)); done
                """
            let line = ShellLine(text)
            let program = scratch.program(line.command) {
                $0.stop.reach = line.reach
                $0.variables = ["INNER": Secret(inner)]
            }
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "up")
            try await supervisor.stop(program.folder)
            #expect(try FileContent.text(of: out) == "up\nasked\n")
        }
    }

    @Test(
        "asks with another signal when the program wants that",
        arguments: [ProcessSignal.interrupt, .user1],
    )
    func otherSignal(_ signal: ProcessSignal) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let trap = "trap 'echo bye >>\(out); exit 0' \(signal.rawValue); echo up >>\(out)"
            let program = scratch.program(shell("\(trap); while :; do sleep 0.05; done")) {
                $0.stop.signal = signal
            }
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "up")
            try await supervisor.stop(program.folder)
            #expect(try FileContent.text(of: out) == "up\nbye\n")
        }
    }

    @Test("stops a program that ends again and again")
    func crashing() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(shell("exit 1"))
            try await supervisor.ensure(program)
            try await eventually("it has ended once") {
                try supervisor.status(of: program.folder)?.exits ?? 0 > 0
            }
            try await supervisor.stop(program.folder)
            #expect(try supervisor.status(of: program.folder)?.state == .stopped)
        }
    }

    @Test("ends a supervisor that no longer answers")
    func hangingSupervisor() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(shell("sleep 600")) { $0.stop.timeout = .milliseconds(200) }
            try await supervisor.ensure(program)
            let process = try supervisor.process(of: program)
            let runsv = try #require(ProcessTable.entry(process)?.parent)
            kill(runsv, SIGSTOP)
            try await supervisor.stop(program.folder)
            #expect(!isAlive(process))
            #expect(!isAlive(runsv))
        }
    }

    @Test("can be cancelled and done again")
    func cancelled() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(
                shell("trap '' TERM; echo up >\(out); while :; do sleep 0.05; done")
            )
            try await supervisor.ensure(program)
            _ = try await content(of: out)
            let process = try supervisor.process(of: program)
            let stopping = Task { try await supervisor.stop(program.folder) }
            try await eventually("it was asked to end") {
                try FileContent.text(of: "\(program.folder)/supervise/stat")?.contains("want down") == true
            }
            stopping.cancel()
            await #expect(throws: CancellationError.self) { try await stopping.value }
            #expect(isAlive(process))
            #expect(try await supervisor.ensure(program) == .replaced, "half-stopped is not as described")
            #expect(!isAlive(process))
            #expect(try supervisor.status(of: program.folder)?.process != nil)
        }
    }

    private func shell(_ line: String) -> [String] { ["/bin/sh", "-c", line] }

    /// What a program may leave behind; each writes its process id.
    enum Descendant: CaseIterable {
        case child, grandchild, stubborn, inAnotherSession, withoutVariables, inAnotherGroup

        func line(_ out: String) -> String {
            switch self {
            case .child: "sleep 600 & echo $! >\(out);"
            case .grandchild: "sh -c 'sleep 600 & echo $! >\(out); wait' &"
            case .stubborn: "(trap '' TERM; exec sleep 600) & echo $! >\(out);"
            case .inAnotherSession: "setsid sh -c 'echo $$ >\(out); exec sleep 600' &"
            case .withoutVariables: "env -i sh -c 'echo $$ >\(out); exec sleep 600' &"
            case .inAnotherGroup: "timeout 600 sh -c 'echo $$ >\(out); exec sleep 600' &"
            }
        }
    }
}
