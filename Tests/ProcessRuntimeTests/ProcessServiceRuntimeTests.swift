// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import Glibc
import HostSystem
import Manifest
import ProcessRuntime
import Testing

@Suite("An instance of a service", .timeLimit(.minutes(10)))
struct ProcessServiceRuntimeTests {
    @Test("runs with its port, its variables and folders that it may write to, and nothing else")
    func variables() async throws {
        try await TestHome.use { home in
            unsafe setenv("OPSHUB_TEST_CANARY", "sings", 1)
            let instance = try await home.instance {
                $0.variables = ["DATABASE_URL": Secret("postgresql://x")]
            }
            try await home.runtime.start(instance)
            let seen = try await answer(on: instance.port)
            #expect(seen["PORT"] == "\(instance.port)")
            #expect(seen["HOST"] == "127.0.0.1")
            #expect(seen["DATABASE_URL"] == "postgresql://x")
            #expect(seen["HOME"] == home.layout.shared(of: home.key))
            #expect(seen["TMPDIR"] == "\(home.layout.environment(home.key))/tmp")
            #expect(seen["UID"] == "\(home.user.userID)")
            let known: Set = [
                "PORT", "HOST", "DATABASE_URL", "HOME", "TMPDIR", "UID", "PATH", "LANG", "LOGNAME", "USER",
                "PWD", "OLDPWD",
                "OPSHUB_SUPERVISED",
            ]
            #expect(Set(seen.keys).subtracting(known).isEmpty)
        }
    }

    @Test(
        "never runs as root, and can't read its own service folder",
        .enabled(if: SystemUser.current.isRoot),
    )
    func unprivileged() async throws {
        try await TestHome.use { home in
            let line =
                "touch $HOME/a $TMPDIR/b && cat \(home.layout.slot("blue", of: home.key))/web.1/env/PORT; sleep 600"
            let instance = try await home.instance(line)
            try await home.runtime.start(instance)
            try await eventually("it said why not") {
                try await home.runtime.log(of: instance.id, after: nil, limit: 10).lines
                    .contains { $0.text.contains("Permission denied") }
            }
            let process = try await home.runtime.process(of: instance.id)
            let status = try #require(try FileContent.text(of: "/proc/\(process)/status"))
            let id = home.user.userID
            #expect(status.contains("Uid:\t\(id)\t\(id)\t\(id)\t\(id)\n"))
            #expect(id != 0)
            #expect(try Folder.names(in: home.layout.shared(of: home.key)) == ["a"])
        }
    }

    @Test("is known to have other variables than it should, by their names")
    func alteredVariables() async throws {
        try await TestHome.use { home in
            var instance = try await home.instance {
                $0.variables = ["KEY": Secret("one"), "GONE": Secret("x")]
            }
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

    @Test("is left alone when it runs as specified already")
    func idempotent() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance()
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            try await home.runtime.start(instance)
            #expect(try await home.runtime.process(of: instance.id) == process)
        }
    }

    @Test("is replaced when it is specified otherwise", arguments: Difference.allCases)
    func replaced(_ difference: Difference) async throws {
        try await TestHome.use { home in
            var instance = try await home.instance { $0.variables = ["A": Secret("1")] }
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            try await difference.make(&instance, home)
            try await home.runtime.start(instance)
            #expect(try await home.runtime.process(of: instance.id) != process)
            #expect(!isAlive(process))
            let status = try #require(try await home.runtime.status(of: instance.id))
            #expect(status.release == instance.release)
            #expect(status.port == instance.port)
        }
    }

    @Test("is found again by another control plane, as it was")
    func foundAgain() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance()
            try await home.runtime.start(instance)
            let other = ProcessServiceRuntime(layout: home.layout, fileServer: "/none")
            let process = try await home.runtime.process(of: instance.id)
            let expected = InstanceStatus(
                id: instance.id,
                release: instance.release,
                port: instance.port,
                state: .running(process: process),
            )
            #expect(try await other.status(of: instance.id) == expected)
            #expect(try await other.instances(of: home.key) == [expected])
        }
    }

    @Test("is one of its environment's, ordered by slot, service and replica")
    func ordered() async throws {
        try await TestHome.use { home in
            for (slot, service, replica) in [
                (Slot.green, "a", 1), (.blue, "b", 10), (.blue, "b", 2), (.blue, "a", 1),
            ] {
                try await home.runtime.start(
                    home.instance("sleep 600", service: service, slot: slot, replica: replica)
                )
            }
            try Folder.make("\(home.layout.slot("blue", of: home.key))/not-an-instance")
            let prefix = "\(home.key)/"
            #expect(
                try await home.runtime.instances(of: home.key)
                    .map { String("\($0.id)".dropFirst(prefix.count)) }
                    == ["blue/a.1", "blue/b.2", "blue/b.10", "green/a.1"]
            )
            let other = EnvironmentKey(home.key.project, EnvironmentName("other"))
            #expect(try await home.runtime.instances(of: other).isEmpty)
        }
    }

    @Test("is forgotten with its variables when it is stopped, and its log is not")
    func stopped() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance("echo said; exec sleep 600") {
                $0.variables = ["A": Secret("hunter2")]
            }
            try await home.runtime.start(instance)
            let process = try await home.runtime.process(of: instance.id)
            try await eventually("it said something") { try await texts(instance, home) == ["said"] }
            try await home.runtime.stop(instance.id)
            try await home.runtime.stop(instance.id)
            #expect(!isAlive(process))
            #expect(try await home.runtime.status(of: instance.id) == nil)
            #expect(try await home.runtime.instances(of: home.key).isEmpty)
            #expect(try await texts(instance, home) == ["said"])
            let kept = LoggedInstance(id: instance.id, release: instance.release, isGone: true)
            #expect(try await home.runtime.logged(in: home.key) == [kept])
            let folder = "\(home.layout.slot("blue", of: home.key))/web.1"
            let found = try await ProgramRunner().run(Program("grep", ["-r", "hunter2", folder]))
            #expect(found.ending == .exited(1), "no file holds the value any more")
        }
    }

    @Test("begins a new log when its slot is used again")
    func slotUsedAgain() async throws {
        try await TestHome.use { home in
            let first = try await home.instance("echo first; exec sleep 600")
            try await home.runtime.start(first)
            try await eventually("it said something") { try await texts(first, home) == ["first"] }
            try await home.runtime.start(home.instance("echo second; exec sleep 600", release: "r2"))
            try await eventually("the other said something") { try await texts(first, home) == ["second"] }
            let second = LoggedInstance(id: first.id, release: ReleaseID("r2"), isGone: false)
            #expect(try await home.runtime.logged(in: home.key) == [second])
            try await home.runtime.stop(first.id)
            try await home.runtime.start(home.instance("exec sleep 600", release: "r3"))
            try await home.runtime.stop(first.id)
            #expect(try await home.runtime.logged(in: home.key).map(\.release) == [ReleaseID("r3")])
        }
    }

    @Test("is stopped when it does not exist")
    func neverStarted() async throws {
        try await TestHome.use { home in
            let id = InstanceID(home.key, .green, ServiceName("none"), 1)
            try await home.runtime.stop(id)
            #expect(try await home.runtime.status(of: id) == nil)
            #expect(
                try await home.runtime.log(of: id, after: nil, limit: 10) == LogPage(lines: [], next: nil)
            )
        }
    }

    @Test("is killed after the stop timeout that it was started with")
    func stubborn() async throws {
        try await TestHome.use { home in
            let line = "trap '' TERM; echo up >>$HOME/up; while :; do sleep 0.05; done"
            let instance = try await home.instance(line) { $0.limits.stopTimeout = .milliseconds(600) }
            try await home.runtime.start(instance)
            _ = try await content(of: "\(home.layout.shared(of: home.key))/up")
            let process = try await home.runtime.process(of: instance.id)
            let other = ProcessServiceRuntime(layout: home.layout, fileServer: "/none")
            let duration = try await ContinuousClock().measure { try await other.stop(instance.id) }
            #expect(duration >= .milliseconds(600))
            #expect(!isAlive(process))
        }
    }

    @Test("serves files with OpsHub's own program")
    func files() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance { $0.program = .files(folder: "dist") }
            try await home.runtime.start(instance)
            let expected = "static-files --root \(instance.directory)/dist --port \(instance.port)"
            try await eventually("it was called") { try await texts(instance, home) == [expected] }
        }
    }

    private func texts(_ instance: InstanceSpecification, _ home: TestHome) async throws -> [String] {
        try await home.runtime.log(of: instance.id, after: nil, limit: 10).lines.map(\.text)
    }

    private func answer(on port: Int) async throws -> [String: String] {
        let script = """
            import sys, urllib.request
            print(urllib.request.urlopen('http://127.0.0.1:\(port)/', timeout=5).read().decode())
            """
        var result = ""
        try await eventually("it answers") {
            let attempt = try await ProgramRunner().run(Program("python3", ["-c", script]))
            result = attempt.output
            return attempt.isSuccess
        }
        return try JSONDecoder().decode([String: String].self, from: Data(result.utf8))
    }

    /// What may differ between an instance that runs and the one that should.
    enum Difference: CaseIterable {
        case release, port, variable, command, memory, files, stopTimeout

        func make(_ instance: inout InstanceSpecification, _ home: TestHome) async throws {
            switch self {
            case .release:
                instance.release = ReleaseID("r2")
                instance.directory = try await home.release("r2")
            case .port: instance.port = try home.freePort()
            case .variable: instance.variables["A"] = Secret("2")
            case .command: instance.program = .command("exec sleep 600")
            case .memory: instance.limits.memory = .mebibytes(500)
            case .files: instance.limits.files = 500
            case .stopTimeout: instance.limits.stopTimeout = .seconds(2)
            }
        }
    }
}
