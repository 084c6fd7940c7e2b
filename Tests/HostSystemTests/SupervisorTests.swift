// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("A supervisor", .timeLimit(.minutes(10)))
struct SupervisorTests {
    let supervisor = Supervisor()

    @Test("keeps a program running that is not a descendant of the control plane")
    func detached() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(command("sleep 600"))
            #expect(try await supervisor.ensure(program) == .started)
            try await eventually("the program leads a session of its own") {
                let process = try supervisor.process(of: program)
                return ProcessTable.entry(process)?.session == process
            }
            let process = try #require(ProcessTable.entry(try supervisor.process(of: program)))
            let runsv = try #require(ProcessTable.entry(process.parent))
            #expect(runsv.name == "runsv")
            #expect(!ancestors(of: process.id).contains(getpid()))
            #expect(runsv.session == runsv.id)
            #expect(runsv.group != getpgrp())
        }
    }

    @Test("hands none of the control plane's open files to what it supervises")
    func descriptors() async throws {
        try await Scratch.use { scratch in
            let leaked = unsafe open("/etc/hostname", O_RDONLY)
            defer { close(leaked) }
            let program = scratch.program(command("sleep 600"))
            try await supervisor.ensure(program)
            let process = try supervisor.process(of: program)
            let parent = try #require(ProcessTable.entry(process)?.parent)
            for id in [process, parent] {
                let targets = try openFiles(of: id)
                #expect(!targets.contains("/etc/hostname"))
                #expect(!targets.contains { $0.hasSuffix(".swift-testing") })
            }
        }
    }

    @Test("lets no signal be ignored or held back because the control plane does so")
    func dispositions() async throws {
        try await Scratch.use { scratch in
            _ = Glibc.signal(SIGPIPE, SIG_IGN)
            let program = scratch.program(command("sleep 600"))
            try await supervisor.ensure(program)
            let path = "/proc/\(try supervisor.process(of: program))/status"
            let status = try #require(try FileContent.text(of: path))
            // 32 and 33 belong to the C library, and no program can change what was inherited for them.
            for kind in ["SigIgn", "SigBlk"] {
                let line = try #require(status.split(separator: "\n").first { $0.hasPrefix(kind) })
                let mask = try #require(UInt64(line.drop { $0 != "\t" }.dropFirst(), radix: 16))
                #expect(mask & 0x7FFF_FFFF == 0)
            }
        }
    }

    @Test("leaves a program alone that already runs as described")
    func idempotent() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(command("sleep 600")) { $0.variables = ["A": Secret("1")] }
            try await supervisor.ensure(program)
            let process = try supervisor.process(of: program)
            #expect(try await supervisor.ensure(program) == .none)
            #expect(try supervisor.process(of: program) == process)
        }
    }

    @Test("replaces a program when anything that counts differs", arguments: Difference.allCases)
    func replaced(_ difference: Difference) async throws {
        try await Scratch.use { scratch in
            var program = scratch.program(command("sleep 600")) { $0.variables = ["A": Secret("1")] }
            try await supervisor.ensure(program)
            let process = try supervisor.process(of: program)
            difference.make(&program)
            #expect(try await supervisor.ensure(program) == .replaced)
            #expect(try supervisor.process(of: program) != process)
            #expect(!isAlive(process))
        }
    }

    @Test("does not replace a program because PATH differs")
    func ambient() async throws {
        try await Scratch.use { scratch in
            var program = scratch.program(command("sleep 600")) { $0.ambient = ["PATH": "/usr/bin:/bin"] }
            try await supervisor.ensure(program)
            program.ambient["PATH"] = "/bin:/usr/bin"
            program.ambient["LANG"] = "C.UTF-8"
            #expect(try await supervisor.ensure(program) == .none)
        }
    }

    @Test("does not replace a program because a newer OpsHub would write its scripts otherwise")
    func otherScripts() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(command("sleep 600"))
            try await supervisor.ensure(program)
            try FileContent.write(
                Array("#!/bin/sh\nexec sleep 700\n".utf8),
                to: "\(program.folder)/run",
                mode: 0o700,
            )
            #expect(try await supervisor.ensure(program) == .none)
        }
    }

    @Test("restarts a program on request, without counting that as an exit")
    func restart() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(command("sleep 600"))
            try await supervisor.ensure(program)
            let before = try supervisor.process(of: program)
            try await supervisor.restart(program.folder)
            #expect(try supervisor.process(of: program) != before)
            #expect(try supervisor.status(of: program.folder)?.exits == 0)
        }
    }

    @Test("passes a signal on")
    func signal() async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let program = scratch.program(
                command("trap 'echo hangup >>\(out)' HUP; echo ready >>\(out); while :; do sleep 0.05; done")
            )
            try await supervisor.ensure(program)
            #expect(try await content(of: out) == "ready")
            try supervisor.send(.hangup, to: program.folder)
            try await eventually("the program got the signal") {
                try FileContent.text(of: out) == "ready\nhangup\n"
            }
        }
    }

    @Test("says that nothing is supervised where nothing is")
    func nothing() async throws {
        try await Scratch.use { scratch in
            let folder = "\(scratch.path)/none"
            #expect(try supervisor.status(of: folder) == nil)
            try await supervisor.stop(folder)
            try await supervisor.remove(folder)
            await #expect(throws: Failure(.notFound, "nothing is supervised in \(folder)")) {
                try await supervisor.restart(folder)
            }
            #expect(throws: Failure(.notFound, "nothing is supervised in \(folder)")) {
                try supervisor.send(.hangup, to: folder)
            }
        }
    }

    @Test("removes a program with its folder")
    func remove() async throws {
        try await Scratch.use { scratch in
            let program = scratch.program(command("sleep 600"))
            try await supervisor.ensure(program)
            let process = try supervisor.process(of: program)
            try await supervisor.remove(program.folder)
            #expect(!isAlive(process))
            #expect(!Folder.exists(program.folder))
        }
    }

    private func command(_ line: String) -> [String] { ["/bin/sh", "-c", line] }

    private func ancestors(of process: Int32) -> [Int32] {
        var line: [Int32] = []
        var next = ProcessTable.entry(process)?.parent ?? 0
        while next > 0 {
            line.append(next)
            next = ProcessTable.entry(next)?.parent ?? 0
        }
        return line
    }

    private func openFiles(of process: Int32) throws -> [String] {
        try Folder.names(in: "/proc/\(process)/fd")
            .compactMap { name in
                var buffer = [CChar](repeating: 0, count: 4096)
                let count = unsafe readlink("/proc/\(process)/fd/\(name)", &buffer, buffer.count)
                return count > 0
                    ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : nil
            }
    }

    /// What may differ between a program that runs and the one that should.
    enum Difference: CaseIterable {
        case command, value, addedVariable, removedVariable, openFiles, memory, directory, stopTimeout, log

        func make(_ program: inout SupervisedProgram) {
            switch self {
            case .command: program.command = ["/bin/sh", "-c", "sleep 601"]
            case .value: program.variables["A"] = Secret("2")
            case .addedVariable: program.variables["B"] = Secret("2")
            case .removedVariable: program.variables["A"] = nil
            case .openFiles: program.limits.openFiles = 100
            case .memory: program.limits.memory = .mebibytes(500)
            case .directory: program.directory = "/"
            case .stopTimeout: program.stop.timeout = .seconds(6)
            case .log: program.log = .init(folder: "\(program.folder)/log/main")
            }
        }
    }
}
