// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import ProcessRuntime
import Testing

@Suite("An instance that something goes wrong with", .timeLimit(.minutes(10)))
struct ProcessServiceRuntimeFailureTests {
    @Test("tells how often and how its program ended")
    func crashing() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("echo no >&2; exit 7")
            try await home.runtime.start(instance)
            try await eventually("it ended twice") {
                try await home.runtime.status(of: instance.id)?.exits ?? 0 >= 2
            }
            let status = try #require(try await home.runtime.status(of: instance.id))
            #expect(status.lastExit == "exit status 7")
            #expect(status.state == .restarting || status.state != .stopped)
            #expect(
                try await home.runtime.log(of: instance.id, after: nil, limit: 1).lines.map(\.text) == ["no"]
            )
        }
    }

    @Test("uses the memory of all that its program started, and none once it is stopped")
    func memory() async throws {
        try await TestHome.use { home in
            let python = "exec python3 -c"
            let child = "import time; held = bytearray(60 << 20); time.sleep(600)"
            let instance = try await home.instance("\(python) '\(child)' & \(python) '\(child)'")
            try await home.runtime.start(instance)
            try await eventually("both hold what they need") {
                try await home.runtime.memory(of: instance.id) ?? ByteCount(0) > .mebibytes(120)
            }
            try await home.runtime.stop(instance.id)
            let after = try await home.runtime.memory(of: instance.id)
            #expect(after == nil)
        }
    }

    @Test("is not started where its folder is missing")
    func noFolder() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance { $0.directory += "/none" }
            let failure = await #expect(throws: Failure.self) { try await home.runtime.start(instance) }
            #expect(failure?.code == .notFound)
            #expect(try await home.runtime.status(of: instance.id) == nil)
        }
    }

    @Test("is not started where somebody else answers on its port, who is named")
    func portTaken() async throws {
        try await TestHome.use { home in
            let first = try await home.instance()
            try await home.runtime.start(first)
            try await eventually("it listens") { !LocalPorts.isFree(first.port) }
            let second = try await home.instance(replica: 2) { $0.port = first.port }
            let failure = await #expect(throws: Failure.self) { try await home.runtime.start(second) }
            #expect(failure?.code == .portTaken)
            let process = try await home.runtime.process(of: first.id)
            #expect(failure?.message.contains("(pid \(process)) does already") == true)
            #expect(try await home.runtime.status(of: second.id) == nil)
        }
    }

    @Test("is replaced by one that can use its port when its supervisor was killed")
    func killedSupervisor() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance()
            try await home.runtime.start(instance)
            try await eventually("it listens") { !LocalPorts.isFree(instance.port) }
            let orphan = try await home.runtime.process(of: instance.id)
            let runsv = try #require(ProcessTable.entry(orphan)?.parent)
            kill(runsv, SIGKILL)
            try await eventually("it is seen as stopped") {
                try await home.runtime.status(of: instance.id)?.state == .stopped
            }
            try await home.runtime.start(instance)
            #expect(!isAlive(orphan))
            try await eventually("the new one listens") {
                LocalPorts.holder(of: instance.port)?.process
                    == (try await home.runtime.process(of: instance.id))
            }
            let lines = try await home.runtime.log(of: instance.id, after: nil, limit: 10).lines
            #expect(lines.count == 2, "the log of the one before is kept")
        }
    }

    @Test(
        "is told to be damaged when its record can't be read, and is made anew",
        arguments: ["", "{\"rel"],
    )
    func damaged(_ text: String) async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("exec sleep 600")
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            let record = "\(home.layout.slot("blue", of: home.key))/web.1/instance.json"
            try FileContent.write(Array(text.utf8), to: record)
            let failure = await #expect(throws: Failure.self) {
                try await home.runtime.status(of: instance.id)
            }
            #expect(failure?.code == .damagedState)
            try await home.runtime.start(instance)
            #expect(try await home.runtime.status(of: instance.id)?.release == instance.release)
            #expect(!isAlive(process))
            #expect(try FileContent.text(of: record + ".damaged") == text, "nothing was deleted")
        }
    }

    @Test("is stopped even when its record can't be read")
    func stopDamaged() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("exec sleep 600")
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            try FileContent.write([], to: "\(home.layout.slot("blue", of: home.key))/web.1/instance.json")
            try await home.runtime.stop(instance.id)
            #expect(!isAlive(process))
            #expect(try await home.runtime.status(of: instance.id) == nil)
        }
    }

    @Test("can be started again after a start that was cancelled")
    func cancelled() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("exec sleep 600")
            let starting = Task { try await home.runtime.start(instance) }
            starting.cancel()
            _ = await starting.result
            try await home.runtime.start(instance)
            _ = try await home.runtime.process(of: instance.id)
        }
    }

    @Test(
        "is not started below a home that its account can't reach",
        .enabled(if: SystemUser.current.isRoot),
    )
    func unreachable() async throws {
        let closed = "/tmp/opshub-closed-\(UInt32.random(in: 0...UInt32.max))"
        try Folder.make(closed, mode: 0o700)
        defer { unsafe rmdir(closed) }
        try await TestHome.use(below: closed) { home in
            let failure = await #expect(throws: Failure.self) { try await home.instance() }
            #expect(failure?.code == .invalid)
            #expect(failure?.message.hasPrefix("\(closed) keeps the account") == true)
            #expect(failure?.hint?.hasPrefix("choose another --home") == true)
        }
    }

    @Test("can't see into another environment", .enabled(if: SystemUser.current.isRoot))
    func isolated() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("exec sleep 600")
            try await home.runtime.start(instance)
            try await TestHome.use(environment: "stranger") { stranger in
                _ = try await stranger.release()
                let environment = home.layout.environment(home.key)
                for path in [
                    instance.directory, environment, "\(environment)/shared", "\(environment)/slots",
                ] {
                    let look = try await ProgramRunner().run(Program("ls", [path], as: stranger.user))
                    #expect(!look.isSuccess, "\(path) is closed")
                }
            }
        }
    }
}
