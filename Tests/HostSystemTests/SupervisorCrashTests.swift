// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Glibc
import HostSystem
import Testing

@Suite("A supervised program after a crash", .timeLimit(.minutes(10)))
struct SupervisorCrashTests {
    let supervisor = Supervisor()

    @Test("runs on when the control plane that started it is killed with its whole process group")
    func starterKilled() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            await #expect(processExitsWith: .signal(SIGKILL)) { [folder = program.folder as String] in
                setpgid(0, 0)
                let program = SupervisedProgram(
                    folder: folder,
                    command: ["/bin/sh", "-c", "sleep 600"],
                    directory: "/",
                )
                try await Supervisor().ensure(program)
                kill(0, SIGKILL)
            }
            let process = try supervisor.process(of: program)
            #expect(isAlive(process))
            #expect(try supervisor.status(of: program.folder)?.exits == 0)
            var same = program
            (same.directory, same.stop) = ("/", .init())
            #expect(try await supervisor.ensure(same) == .none, "another control plane finds it as it is")
            #expect(try supervisor.process(of: program) == process)
        }
    }

    @Test("is started again by its supervisor, which counts how it ended")
    func counted() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "exit 3"])
            try await supervisor.ensure(program)
            try await eventually("it has ended twice") {
                try supervisor.status(of: program.folder)?.exits ?? 0 >= 2
            }
            let status = try #require(try supervisor.status(of: program.folder))
            #expect(status.lastExit?.description == "exit status 3")
            #expect(status.isSupervised)
            #expect(abs(status.lastExit?.at.timeIntervalSinceNow ?? 100) < 10)
        }
    }

    @Test("tells of the signal that ended it")
    func signalled() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            try await supervisor.ensure(program)
            kill(try supervisor.process(of: program), SIGKILL)
            try await eventually("the ending is counted") {
                try supervisor.status(of: program.folder)?.exits == 1
            }
            #expect(try supervisor.status(of: program.folder)?.lastExit?.description == "signal 9")
            try await eventually("it runs again") {
                try supervisor.status(of: program.folder)?.process != nil
            }
        }
    }

    @Test("has its orphans ended before it starts again, so that its port is free")
    func orphans() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(["/bin/sh", "-c", "sleep 600 & echo $! >>\(out); wait"])
            try await supervisor.ensure(program)
            let child = try #require(Int32(try await content(of: out)))
            kill(try supervisor.process(of: program), SIGKILL)
            try await eventually("it runs again") {
                try FileContent.text(of: out)?.split(separator: "\n").count == 2
            }
            #expect(!isAlive(child))
        }
    }

    @Test("keeps counting in a file that does not grow")
    func bounded() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            try await supervisor.ensure(program)
            let lines = (1...500).map { "\($0) 1795224252 1 0\n" }.joined()
            try FileContent.write(Array(lines.utf8), to: "\(program.folder)/exits")
            kill(try supervisor.process(of: program), SIGKILL)
            try await eventually("the next one is counted") {
                try supervisor.status(of: program.folder)?.exits == 501
            }
            #expect(try FileContent.text(of: "\(program.folder)/exits")?.lastLines(1000).count == 20)
        }
    }

    @Test("is found running but unsupervised when its supervisor was killed, and is replaced, not doubled")
    func killedSupervisor() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(["/bin/sh", "-c", "sleep 600 & sleep 601"])
            try await supervisor.ensure(program)
            let orphan = try supervisor.process(of: program)
            let runsv = try #require(ProcessTable.entry(orphan)?.parent)
            kill(runsv, SIGKILL)
            try await eventually("the supervisor is gone") { !isAlive(runsv) }
            #expect(try supervisor.status(of: program.folder) == .init(state: .stopped, isSupervised: false))
            #expect(isAlive(orphan))
            #expect(try await supervisor.ensure(program) == .started)
            #expect(!isAlive(orphan))
            #expect(!ProcessTable.all().contains { $0.session == orphan && !$0.isZombie })
        }
    }

    @Test("is started from a folder that is whole, whatever a crash left of it", arguments: Damage.allCases)
    func torn(_ damage: Damage) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(["/bin/sh", "-c", "echo $VALUE >\(out); exec sleep 600"]) {
                $0.variables = ["VALUE": Secret("whole")]
            }
            try await supervisor.ensure(program)
            try await supervisor.stop(program.folder)
            try Folder.remove(out)
            try damage.make(in: program.folder)
            #expect(try await supervisor.ensure(program) == .started)
            #expect(try await content(of: out) == "whole")
        }
    }

    @Test("is not confused with a process that got its number after the machine was started again")
    func earlierBoot() async throws {
        try await Scratch.use { scratch in
            let innocent = scratch.program(["/bin/sh", "-c", "sleep 600"], name: "innocent")
            try await supervisor.ensure(innocent)
            let stranger = try supervisor.process(of: innocent)
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            try await supervisor.ensure(program)
            try await supervisor.stop(program.folder)
            let stat = try #require(try FileContent.text(of: "\(innocent.folder)/session")).drop { $0 != " " }
            let earlier = "00000000-0000-0000-0000-000000000000" + stat
            try FileContent.write(Array(earlier.utf8), to: "\(program.folder)/session")
            let status = try #require(try FileContent.bytes(of: "\(innocent.folder)/supervise/status"))
            try FileContent.write(status, to: "\(program.folder)/supervise/status")
            #expect(try supervisor.status(of: program.folder)?.state == .stopped)
            #expect(try await supervisor.ensure(program) == .started)
            #expect(isAlive(stranger))
        }
    }

    @Test("does not take a reused number of the same boot for its own")
    func reusedNumber() async throws {
        try await Scratch.use { scratch in
            let innocent = scratch.program(["/bin/sh", "-c", "sleep 600"], name: "innocent")
            try await supervisor.ensure(innocent)
            let stranger = try supervisor.process(of: innocent)
            let program = scratch.program(["/bin/sh", "-c", "sleep 600"])
            try await supervisor.ensure(program)
            try await supervisor.stop(program.folder)
            var words = try #require(try FileContent.text(of: "\(innocent.folder)/session"))
                .split(separator: " ")
            words[21] = "1"
            try FileContent.write(Array(words.joined(separator: " ").utf8), to: "\(program.folder)/session")
            try await supervisor.stop(program.folder)
            #expect(isAlive(stranger))
        }
    }

    /// What a crash or a power cut may leave of a service folder.
    enum Damage: CaseIterable {
        case noRun, emptyRun, emptyRecord, noRecord, tornRecord, missingVariable, emptyVariable,
            strayVariable, staleExits

        func make(in folder: String) throws {
            switch self {
            case .noRun: try Folder.remove("\(folder)/run")
            case .emptyRun: try FileContent.write([], to: "\(folder)/run", mode: 0o700)
            case .emptyRecord: try FileContent.write([], to: "\(folder)/program.json")
            case .noRecord: try Folder.remove("\(folder)/program.json")
            case .tornRecord:
                try FileContent.write(Array(#"{"command":["/bi"#.utf8), to: "\(folder)/program.json")
            case .missingVariable: try Folder.remove("\(folder)/env/VALUE")
            case .emptyVariable: try FileContent.write([], to: "\(folder)/env/VALUE")
            case .strayVariable: try FileContent.write(Array("x\n".utf8), to: "\(folder)/env/OTHER")
            case .staleExits: try FileContent.write(Array("garbage".utf8), to: "\(folder)/exits")
            }
        }
    }
}
