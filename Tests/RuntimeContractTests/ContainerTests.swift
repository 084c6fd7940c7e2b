// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import DockerRuntime
import HostSystem
import InstanceFolders
import Manifest
import Synchronization
import Testing

/// What only containers can meet.
@Suite("A container of an instance", .timeLimit(.minutes(10)))
struct ContainerTests {
    @Test("is told to have taken more memory than its limit, with the limit")
    func outOfMemory() async throws {
        try await ContractHome.use(.docker) { home in
            let instance = try home.instance("x=$(head -c 60000000 /dev/zero | tr '\\0' x); sleep 600") {
                $0.limits.memory = .mebibytes(16)
            }
            try await home.runtime.start(instance)
            try await eventually("it is told") {
                try await home.runtime.status(of: instance.id)?.lastExit
                    == "killed: it took more memory than its limit of 16.0 MiB"
            }
        }
    }

    @Test("is not made where somebody else's has its name, which stays as it is")
    func takenName() async throws {
        try await ContractHome.use(.docker) { home in
            let instance = try home.instance("exec sleep 600")
            let identity = try HomeIdentity.keep(in: home.layout).rawValue
            let name = "opshub.\(identity).\(home.key.project).test.blue.web.1"
            _ = try await TestEngine.docker("run", "-d", "--name", name, TestEngine.image, "sleep", "600")
            let failure = await #expect(throws: Failure.self) { try await home.runtime.start(instance) }
            #expect(failure?.code == .conflict)
            #expect(failure?.message.contains(name) == true)
            #expect(try await TestEngine.docker("inspect", "-f", "{{.State.Running}}", name) == "true\n")
            _ = try await TestEngine.docker("rm", "-f", name)
        }
    }

    @Test("is put into the networks that a control plane which ended half-way has left out")
    func missingNetwork() async throws {
        try await ContractHome.use(.docker) { home in
            let networks = [ContainerNetwork(name: "front", hasAccessories: true)]
            let instance = try home.instance {
                let command = ["sleep", "600"]
                $0.program = .container(
                    ContainerManifest(image: .named(TestEngine.image), command: command, networks: networks)
                )
            }
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            let prefix = "opshub.\(try HomeIdentity.keep(in: home.layout).rawValue).\(home.key.project).test"
            let (shared, container) = ("\(prefix).accessories.front", "\(prefix).blue.web.1")
            _ = try await TestEngine.docker("network", "disconnect", shared, container)
            try await home.runtime.start(instance)
            let found = try await TestEngine.docker(
                "inspect",
                "-f",
                "{{json .NetworkSettings.Networks}}",
                container,
            )
            #expect(found.contains("\"\(shared)\""))
            #expect(try await home.process(instance.id) == process, "it was not started anew for that")
            try await home.runtime.stop(instance.id)
            _ = try await TestEngine.docker("network", "rm", shared)
        }
    }

    @Test("was removed by hand, and is started again where it was")
    func removedByHand() async throws {
        try await ContractHome.use(.docker) { home in
            let instance = try home.instance()
            try await home.runtime.start(instance)
            let identity = try HomeIdentity.keep(in: home.layout).rawValue
            _ = try await TestEngine.docker(
                "rm",
                "-f",
                "opshub.\(identity).\(home.key.project).test.blue.web.1",
            )
            let status = try #require(try await home.runtime.status(of: instance.id))
            #expect(status.state == .stopped)
            #expect(status.port == instance.port)
            try await home.runtime.start(instance)
            #expect(try await home.answer(instance)["PORT"] == "8000")
        }
    }

    @Test("has a log that is there without the engine, whose absence is told with what to do")
    func withoutEngine() async throws {
        try await ContractHome.use(.docker) { home in
            let instance = try home.instance("echo said; exec sleep 600")
            try await home.runtime.start(instance)
            try await eventually("it said something") { try await home.lines(instance.id) == ["said"] }
            let gone = Engine(
                EngineAddress(socket: "/nowhere/docker.sock"),
                identity: try HomeIdentity.keep(in: home.layout),
            )
            let runtime = DockerServiceRuntime(layout: home.layout, engine: gone)
            let lines = try await runtime.log(of: instance.id, after: nil, limit: 10).lines.map(\.text)
            #expect(lines == ["said"])
            let failure = await #expect(throws: Failure.self) { try await runtime.status(of: instance.id) }
            #expect(failure?.code == .engineFailed)
            #expect(failure?.message == "the container engine at unix:///nowhere/docker.sock does not answer")
        }
    }

    @Test("is followed from its start, and every line is written down once, however often the watch ends")
    func followed() async throws {
        try await ContractHome.use(.docker) { home in
            let engine = Engine(
                try await TestEngine.address(),
                identity: try HomeIdentity.keep(in: home.layout),
            )
            let runtime = DockerServiceRuntime(layout: home.layout, engine: engine)
            let ends = Endings()
            let watching = Task {
                try await Self.watch(home, engine) { ends.add($0) }
            }
            let line =
                "i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); [ $((i % 100)) = 0 ] && sleep 0.05; done; exec sleep 600"
            let instance = try home.instance(line)
            try await runtime.start(instance)
            try await eventually("some of it is there") {
                try await runtime.log(of: instance.id, after: nil, limit: 3000).lines.count > 300
            }
            // As a control plane that is killed: another one goes on, which knows nothing of what this one has read.
            watching.cancel()
            _ = await watching.result
            let later = Engine(try await TestEngine.address(), identity: engine.identity)
            let again = Task {
                try await Self.watch(home, later) { ends.add($0) }
            }
            let other = DockerServiceRuntime(layout: home.layout, engine: later)
            try await eventually("all of it is there") {
                try await other.log(of: instance.id, after: nil, limit: 4000).lines.last?.text == "line 2999"
            }
            let lines = try await other.log(of: instance.id, after: nil, limit: 4000).lines.map(\.text)
            #expect(lines == (0..<3000).map { "line \($0)" })
            let process = try await home.process(instance.id)
            _ = try await ProgramRunner().run(Program("kill", ["-9", "\(process)"]))
            try await eventually("its end is told") { ends.all == ["signal 9"] }
            try await other.stop(instance.id)
            #expect(ends.all == ["signal 9"], "what is ended on purpose is no news")
            again.cancel()
            _ = await again.result
        }
    }

    private static func watch(
        _ home: ContractHome,
        _ engine: Engine,
        _ onEnd: @Sendable @escaping (String) -> Void,
    ) async throws {
        try await EngineWatch(layout: home.layout, engine: engine)
            .run { _, how in
                onEnd(how)
            } onTrouble: { error in
                Issue.record(error)
            }
    }
}

/// How containers have ended, as it was told.
private final class Endings: Sendable {
    private let found = Mutex<[String]>([])

    var all: [String] { found.withLock { $0 } }

    func add(_ ending: String) { found.withLock { $0.append(ending) } }
}
