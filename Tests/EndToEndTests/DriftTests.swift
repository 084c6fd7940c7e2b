// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Foundation
import HostSystem
import Testing

/// Somebody changes by hand what a deployment had brought.
@Suite("What somebody changed by hand", .tags(.slow))
struct DriftTests {
    @Test(
        "is put right while visitors go on: an instance that was stopped, an edge that sends requests nowhere",
        .timeLimit(.minutes(4)),
    )
    func healed() async throws {
        try await Stage.with(.init(replicas: 2, window: "1s")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")

            // The other replica answers meanwhile.
            let count = try await Load.during("\(stage.edge)/", connections: 4) {
                let slot = "\(stage.home)/projects/app/production/slots/blue"
                _ = try await stage.runner.run(Program("sv", ["-w", "5", "stop", "\(slot)/web.1"]))
                try await stage.waitUntil("it is started again") {
                    try await stage.events("d1").contains("put right: web.1 is stopped")
                }
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try await stage.opshub("status").output.contains("web.1 running"))

            try await stage.tellEdge("del map \(stage.home)/edge/active.map app.production")
            try await stage.waitUntil("traffic is back") { try await stage.version() == "1" }
            try await stage.waitUntil("that is told") {
                try await stage.events("d1").contains("put right: new requests go nowhere")
            }
            #expect(try await stage.json([DeploymentView].self, "deployment", "list").count == 1)
        }
    }

    @Test(
        "is told within half a minute, and is put right by a deployment where that is asked for: a file, a variable",
        .timeLimit(.minutes(4)),
    )
    func told() async throws {
        try await Stage.with(.init(window: "1s", heal: "[variables]")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let environment = "\(stage.home)/projects/app/production"
            let clock = ContinuousClock()
            var begin = clock.now
            try DurableFile.write("# changed", to: "\(environment)/releases/r1/server.py")
            try await stage.waitUntil("the file is told") {
                try await stage.opshub("status").output.contains("DRIFT    server.py was changed")
            }
            #expect(clock.now - begin < .seconds(30))
            let status = try await stage.opshub("status").output
            #expect(status.contains("deploy again, or say heal: [files]"), "\(status)")
            #expect(try await stage.json([DeploymentView].self, "deployment", "list").count == 1)

            begin = clock.now
            try DurableFile.write("r99", to: "\(environment)/slots/blue/web.1/env/OPSHUB_RELEASE")
            try await stage.waitUntil("another deployment has succeeded") {
                let all = try await stage.json([DeploymentView].self, "deployment", "list")
                return all.count == 2 && all.first?.state == "succeeded"
            }
            let events = try await stage.events("d1")
            #expect(events.contains("web.1 has another OPSHUB_RELEASE than it should be started with"))
            #expect(!events.contains("r99"))
            let after = try await stage.opshub("status").output
            #expect(after.contains("serving  r2"), "\(after)")
            #expect(!after.contains("DRIFT"), "\(after)")
        }
    }
}

extension Stage {
    /// A deployment's journal, as people read it.
    fileprivate func events(_ id: String) async throws -> String {
        try await opshub("events", id).output
    }

    /// Changes the running edge behind OpsHub's back.
    fileprivate func tellEdge(_ command: String) async throws {
        let script = """
            import socket, sys
            s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])
            s.sendall((sys.argv[2] + "\\n").encode()); print(s.recv(4096).decode())
            """
        let result = try await runner.run(
            Program("python3", ["-c", script, "\(home)/edge/admin.sock", command])
        )
        try #require(result.isSuccess, "\(result.errors)")
    }
}
