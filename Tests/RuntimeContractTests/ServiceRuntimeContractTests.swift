// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Manifest
import Testing

/// What ``ServiceRuntime`` promises, of every place where services run.
@Suite("An instance, wherever it runs,", .timeLimit(.minutes(10)))
struct ServiceRuntimeContractTests {
    @Test("runs with its port and its variables, and answers on the port", arguments: RuntimeKind.allCases)
    func variables(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance { $0.variables = ["SAYS": Secret("a=b c")] }
            try await home.runtime.start(instance)
            let seen = try await home.answer(instance)
            #expect(seen["SAYS"] == "a=b c")
            #expect(seen["PORT"] == (kind == .process ? "\(instance.port)" : "8000"))
        }
    }

    @Test("is left alone when it runs as specified already", arguments: RuntimeKind.allCases)
    func idempotent(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance { $0.variables = ["A": Secret("1")] }
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            try await home.runtime.start(instance)
            try await kind.runtime(home.layout).start(instance)
            #expect(try await home.process(instance.id) == process)
        }
    }

    @Test(
        "is replaced when it is specified otherwise",
        arguments: RuntimeKind.allCases,
        InstanceDifference.allCases,
    )
    func replaced(_ kind: RuntimeKind, _ difference: InstanceDifference) async throws {
        try await ContractHome.use(kind) { home in
            var instance = try home.instance { $0.variables = ["A": Secret("1")] }
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            try difference.make(&instance, home)
            try await home.runtime.start(instance)
            #expect(try await home.process(instance.id) != process)
            #expect(!isAlive(process))
            let status = try #require(try await home.runtime.status(of: instance.id))
            #expect(status.release == instance.release)
            #expect(status.port == instance.port)
        }
    }

    @Test("is found again by another control plane, as it was", arguments: RuntimeKind.allCases)
    func foundAgain(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance()
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            let expected = InstanceStatus(
                id: instance.id,
                release: instance.release,
                port: instance.port,
                state: .running(process: process),
            )
            let other = try await kind.runtime(home.layout)
            #expect(try await other.status(of: instance.id) == expected)
            #expect(try await other.instances(of: home.key) == [expected])
        }
    }

    @Test(
        "is one of its environment's, ordered by slot, service and replica",
        arguments: RuntimeKind.allCases,
    )
    func ordered(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            for (slot, service, replica) in [
                (Slot.green, "a", 1), (.blue, "b", 10), (.blue, "b", 2), (.blue, "a", 1),
            ] {
                let instance = try home.instance(
                    "exec sleep 600",
                    service: service,
                    slot: slot,
                    replica: replica,
                )
                try await home.runtime.start(instance)
            }
            let prefix = "\(home.key)/"
            let names = try await home.runtime.instances(of: home.key)
                .map { String("\($0.id)".dropFirst(prefix.count)) }
            #expect(names == ["blue/a.1", "blue/b.2", "blue/b.10", "green/a.1"])
            let other = EnvironmentKey(home.key.project, EnvironmentName("other"))
            #expect(try await home.runtime.instances(of: other).isEmpty)
        }
    }

    @Test("is forgotten when it is stopped, and its log is not", arguments: RuntimeKind.allCases)
    func stopped(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance(
                "trap 'echo ends; exit' TERM; echo said; while :; do sleep 0.1; done"
            )
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            try await eventually("it said something") { try await home.lines(instance.id) == ["said"] }
            try await home.runtime.stop(instance.id)
            try await home.runtime.stop(instance.id)
            #expect(!isAlive(process))
            #expect(try await home.runtime.status(of: instance.id) == nil)
            #expect(try await home.runtime.instances(of: home.key).isEmpty)
            let lines = try await home.lines(instance.id)
            // A shell may say that its child was ended.
            #expect(lines.first == "said" && lines.last == "ends")
            let kept = LoggedInstance(id: instance.id, release: instance.release, isGone: true)
            #expect(try await home.runtime.logged(in: home.key) == [kept])
        }
    }

    @Test("begins a new log when its slot is used again", arguments: RuntimeKind.allCases)
    func slotUsedAgain(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let first = try home.instance("echo first; exec sleep 600")
            try await home.runtime.start(first)
            try await eventually("it said something") { try await home.lines(first.id) == ["first"] }
            try await home.runtime.start(home.instance("echo second; exec sleep 600", release: "r2"))
            try await eventually("the other said something") { try await home.lines(first.id) == ["second"] }
            let second = LoggedInstance(id: first.id, release: ReleaseID("r2"), isGone: false)
            #expect(try await home.runtime.logged(in: home.key) == [second])
        }
    }

    @Test("is stopped when it does not exist", arguments: RuntimeKind.allCases)
    func neverStarted(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let id = InstanceID(home.key, .green, ServiceName("none"), 1)
            try await home.runtime.stop(id)
            #expect(try await home.runtime.status(of: id) == nil)
            #expect(try await home.runtime.memory(of: id) == nil)
            #expect(
                try await home.runtime.log(of: id, after: nil, limit: 10) == LogPage(lines: [], next: nil)
            )
        }
    }

    @Test("is killed after the stop timeout that it was started with", arguments: RuntimeKind.allCases)
    func stubborn(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance("trap '' TERM; echo up; while :; do sleep 0.05; done") {
                $0.limits.stopTimeout = .seconds(1)
            }
            try await home.runtime.start(instance)
            try await eventually("it is up") { try await home.lines(instance.id) == ["up"] }
            let process = try await home.process(instance.id)
            let other = try await kind.runtime(home.layout)
            let duration = try await ContinuousClock().measure { try await other.stop(instance.id) }
            #expect(duration >= .seconds(1))
            #expect(!isAlive(process))
        }
    }

    @Test("is started anew, on the same port, with the same log", arguments: RuntimeKind.allCases)
    func restarted(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance("echo up; exec sleep 600")
            try await home.runtime.start(instance)
            let process = try await home.process(instance.id)
            try await eventually("it is up") { try await home.lines(instance.id) == ["up"] }
            try await home.runtime.restart(instance)
            #expect(try await home.process(instance.id) != process)
            try await eventually("it is up again") { try await home.lines(instance.id) == ["up", "up"] }
            #expect(try await home.runtime.status(of: instance.id)?.port == instance.port)
        }
    }

    @Test("tells how often and how its program ended", arguments: RuntimeKind.allCases)
    func crashing(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance("echo no >&2; exit 7")
            try await home.runtime.start(instance)
            try await eventually("it ended twice") {
                try await home.runtime.status(of: instance.id)?.exits ?? 0 >= 2
            }
            try await eventually("it is told how") {
                try await home.runtime.status(of: instance.id)?.lastExit == "exit status 7"
            }
            #expect(try await home.runtime.status(of: instance.id)?.state != .stopped)
            #expect(try await home.lines(instance.id, limit: 1) == ["no"])
        }
    }

    @Test("is known to have other variables than it should, by their names", arguments: RuntimeKind.allCases)
    func alteredVariables(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            var instance = try home.instance { $0.variables = ["KEY": Secret("one"), "GONE": Secret("x")] }
            #expect(try await home.runtime.alteredVariables(of: instance) == [])
            try await home.runtime.start(instance)
            #expect(try await home.runtime.alteredVariables(of: instance) == [])
            instance.variables = ["KEY": Secret("two"), "NEW": Secret("x")]
            #expect(try await home.runtime.alteredVariables(of: instance) == ["GONE", "KEY", "NEW"])
            instance.port += 1
            // Another instance than the one that runs: that is told apart elsewhere.
            #expect(try await home.runtime.alteredVariables(of: instance) == [])
        }
    }

    @Test(
        "is not started where somebody else answers on its port, who is named",
        arguments: RuntimeKind.allCases,
    )
    func portTaken(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let first = try home.instance()
            try await home.runtime.start(first)
            try await eventually("it listens") { !LocalPorts.isFree(first.port) }
            let second = try home.instance(replica: 2) { $0.port = first.port }
            let failure = await #expect(throws: Failure.self) { try await home.runtime.start(second) }
            #expect(failure?.code == .portTaken)
            #expect(failure?.message.contains("does already") == true)
            #expect(try await home.runtime.status(of: second.id) == nil)
            #expect(try await home.runtime.intruder(on: first.id) == nil)
        }
    }

    @Test("uses memory while it runs, of all that it started", arguments: RuntimeKind.allCases)
    func memory(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            // A text of 40 MB, which the shell holds.
            let held = "x=$(busybox head -c 40000000 /dev/zero | busybox tr '\\0' x)"
            let instance = try home.instance("\(held); sleep 600 & wait")
            try await home.runtime.start(instance)
            try await eventually("it holds what it needs") {
                try await home.runtime.memory(of: instance.id) ?? ByteCount(0) > .mebibytes(38)
            }
            try await home.runtime.stop(instance.id)
            #expect(try await home.runtime.memory(of: instance.id) == nil)
        }
    }

    @Test(
        "has a log that is read page by page, from its end or behind a place",
        arguments: RuntimeKind.allCases,
    )
    func log(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let line = "for i in 1 2 3 4 5; do echo line $i; done; echo wrong >&2; exec sleep 600"
            let instance = try home.instance(line)
            try await home.runtime.start(instance)
            try await eventually("all is there") { try await home.lines(instance.id).count == 6 }
            let last = try await home.runtime.log(of: instance.id, after: nil, limit: 2)
            #expect(last.lines.count == 2)
            let next = try await home.runtime.log(of: instance.id, after: last.next, limit: 10)
            #expect(next.lines.isEmpty)
            #expect(Set(try await home.lines(instance.id)).contains("wrong"))
            let times = try await home.runtime.log(of: instance.id, after: nil, limit: 100).lines.map(\.at)
            #expect(times == times.sorted())
        }
    }

    @Test("can be started again after a start that was cancelled", arguments: RuntimeKind.allCases)
    func cancelled(_ kind: RuntimeKind) async throws {
        try await ContractHome.use(kind) { home in
            let instance = try home.instance("exec sleep 600")
            let starting = Task { try await home.runtime.start(instance) }
            starting.cancel()
            _ = await starting.result
            try await home.runtime.start(instance)
            _ = try await home.process(instance.id)
        }
    }
}

/// What may differ between an instance that runs and the one that should.
enum InstanceDifference: String, CaseIterable, Sendable {
    case release, port, variable, command, memory, files, stopTimeout

    func make(_ instance: inout InstanceSpecification, _ home: ContractHome) throws {
        let other = try home.instance("exec sleep 600", release: "r2")
        switch self {
        case .release: (instance.release, instance.directory) = (other.release, other.directory)
        case .port: instance.port = other.port
        case .variable: instance.variables["A"] = Secret("2")
        case .command: instance.program = other.program
        case .memory: instance.limits.memory = .mebibytes(200)
        case .files: instance.limits.files = 500
        case .stopTimeout: instance.limits.stopTimeout = .seconds(3)
        }
    }
}
