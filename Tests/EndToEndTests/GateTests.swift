// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// Each gate's failure, on the real runtime and edge: the release gets no traffic, and the push says what is wrong.
@Suite("A release that fails a gate", .tags(.slow))
struct GateTests {
    @Test("never gets traffic, and the push says why", .timeLimit(.minutes(10)))
    func beforeTraffic() async throws {
        try await Stage.with { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            #expect(try await stage.version().contains("1"))
            for failing in Failing.all {
                let result = try await stage.push(behaviour: failing.behaviour)
                #expect(!result.isSuccess, "\(failing.name): the push must fail")
                for text in failing.says {
                    #expect(
                        result.errors.contains(text),
                        "\(failing.name): \(text) is not in\n\(result.errors)",
                    )
                }
                #expect(try await stage.version().contains("1"), "\(failing.name) got traffic")
            }
            // Nothing of the failed releases is left running.
            #expect(try stage.instances().count == 1)
            let status = try await stage.opshub("status")
            #expect(status.output.contains("serving  r1"))
            // The last one's log can be read although it is gone; earlier ones' were overwritten, which is said.
            let last = try await stage.opshub("logs", "-e", "production", "--release", "r6")
            #expect(last.output.contains("version 2"), "\(last.errors)")
            let overwritten = try await stage.opshub("logs", "-e", "production", "--release", "r2")
            #expect(overwritten.ending == .exited(3))
            #expect(overwritten.errors.contains("no log of r2 is kept in app/production"))
            let serving = try await stage.opshub("logs", "-e", "production")
            #expect(!serving.output.contains("version 2"))
            // What can't be read of one environment is told, and hides nothing.
            let record = "\(stage.home)/projects/app/production/slots/blue/web.1/instance.json"
            try DurableFile.write("nonsense", to: record)
            let damaged = try await stage.opshub("status")
            #expect(damaged.isSuccess)
            #expect(damaged.output.contains("PROBLEM  \(record) does not say which release runs there"))
        }
    }

    private struct Failing {
        let name: String
        let behaviour: String
        let says: [String]

        static let all = [
            Failing(
                name: "exits at once",
                behaviour: #"{ "version": "2", "exit_at_start": 3 }"#,
                says: ["health gate", "ended by itself", "exit status 3", "hint:"],
            ),
            Failing(
                name: "never listens",
                behaviour: #"{ "version": "2", "never_listen": true }"#,
                says: ["health gate", "is not healthy after 4.0s", "connection refused"],
            ),
            Failing(
                name: "has no health path",
                behaviour: #"{ "version": "2", "health_path": "/elsewhere" }"#,
                says: ["health gate", "answered 404 instead of 200"],
            ),
            Failing(
                name: "is unhealthy",
                behaviour: #"{ "version": "2", "health_status": 503 }"#,
                says: ["health gate", "answered 503 instead of 200"],
            ),
            Failing(
                name: "fails its smoke request",
                behaviour: #"{ "version": "2", "fail_after_requests": 0 }"#,
                says: ["smoke gate", "answered 500 instead of 200", "got no traffic"],
            ),
        ]
    }

    @Test("after the switch is undone by its own traffic", .timeLimit(.minutes(10)))
    func afterSwitch() async throws {
        try await Stage.with(.init(window: "5s")) { stage in
            _ = try await stage.push(behaviour: #"{ "version": "1" }"#)
            let count = try await Load.during("\(stage.edge)/", connections: 4) {
                let result = try await stage.push(
                    behaviour: #"{ "version": "2", "fail_after_requests": 100 }"#
                )
                #expect(!result.isSuccess)
                #expect(result.errors.contains("stability gate"))
                #expect(result.errors.contains("return traffic: done"))
            }
            #expect(count.socketErrors == 0)
            #expect(try await stage.version().contains("1"))
        }
    }

    @Test(
        "in its build or tests shows the end of their output",
        .timeLimit(.minutes(10)),
        arguments: ["build", "test"],
    )
    func commandFails(step: String) async throws {
        let line = "echo compiling; echo 'undefined: foo' >&2; exit 4"
        let manifest =
            step == "build" ? Stage.Manifest(build: "\"\(line)\"") : Stage.Manifest(test: line)
        try await Stage.with(manifest) { stage in
            let result = try await stage.push(behaviour: #"{ "version": "1" }"#)
            #expect(!result.isSuccess)
            for text in ["✗ \(step)", "undefined: foo", "exit status 4", "hint: "] {
                #expect(result.errors.contains(text), "\(result.errors)")
            }
            #expect(try stage.instances().isEmpty)
            #expect(!Folder.exists("\(stage.home)/projects/app/production/releases/r1"))
        }
    }

    @Test(
        "by its end, its slot or its public address is undone, and who served goes on",
        .timeLimit(.minutes(10)),
    )
    func others() async throws {
        var manifest = Stage.Manifest(window: "4s")
        try await Stage.with(manifest) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")

            let ends = try await stage.push(behaviour: #"{ "version": "2", "exit_after_ms": 2500 }"#)
            #expect(ends.errors.contains("✗ stability gate"), "\(ends.errors)")
            #expect(ends.errors.contains("ended by itself within the stability window"), "\(ends.errors)")
            #expect(try await stage.version().contains("1"))

            let slot = "\(stage.home)/projects/app/production/slots/green"
            try Folder.remove(slot)
            try DurableFile.write("in the way", to: slot)
            let blocked = try await stage.push(behaviour: #"{ "version": "3" }"#)
            #expect(blocked.errors.contains("✗ start"), "\(blocked.errors)")
            #expect(try await stage.version().contains("1"))
            try Folder.remove(slot)

            manifest.window = "1s"
            manifest.external = "{ get: /missing, status: 204 }"
            let external = try await stage.push([
                "opshub.yml": manifest.text(stage.ports), "behaviour.json": #"{ "version": "4" }"#,
            ])
            for text in [
                "✗ external check", "instead of 204", "$ curl -i -H 'Host: app.localhost'", "return traffic",
            ] {
                #expect(external.errors.contains(text), "\(external.errors)")
            }
            #expect(try await stage.version().contains("1"))
        }
    }

    @Test(
        "or not: whoever is slow gets the time to drain, and then goes on while the release is warm",
        .timeLimit(.minutes(10)),
    )
    func slowRequest() async throws {
        try await Stage.with(.init(window: "1s", drain: "1s")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let curl = Program("curl", ["-s", "--max-time", "30", "\(stage.edge)/slow?ms=6000"])
            async let slow = stage.runner.run(curl)
            let second = try await stage.push(behaviour: #"{ "version": "2" }"#)
            #expect(second.isSuccess, "\(second.errors)")
            #expect(second.errors.contains("1 request is still in flight after 1.0s"), "\(second.errors)")
            #expect(try await slow.output == "slow\n")
        }
    }
}

extension Tag {
    /// Takes seconds, on real parts.
    @Tag static var slow: Self
}
