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
        "is told within half a minute, and put right where that is asked for, while visitors go on",
        .timeLimit(.minutes(10)),
    )
    func drift() async throws {
        let manifest = Stage.Manifest(replicas: 2, window: "1s", heal: "[services, routes, variables]")
        try await Stage.with(manifest) { stage in
            let first = try await stage.push([
                "notes.txt": "as it was", "behaviour.json": #"{ "version": "1" }"#,
            ])
            try #require(first.isSuccess, "\(first.errors)")
            try await stoppedAndEdited(stage)
            try await misdirectedAndChanged(stage)
        }
    }

    /// An instance that was stopped is started again, a file that was edited is only told.
    private func stoppedAndEdited(_ stage: Stage) async throws {
        let begin = ContinuousClock.now
        try DurableFile.write("changed", to: "\(stage.production)/releases/r1/notes.txt")
        _ = try await stage.runner.run(
            Program("sv", ["-w", "5", "stop", "\(stage.production)/slots/blue/web.1"])
        )
        // The other replica answers meanwhile.
        let count = try await Load.during("\(stage.edge)/", connections: 4) {
            try await stage.waitUntil("it is started again") {
                try await stage.events("d1").contains("put right: web.1 is stopped")
            }
        }
        #expect(ContinuousClock.now - begin < .seconds(30))
        #expect(count.lost == 0, "\(count)")
        let status = try await stage.opshub("status").output
        #expect(status.contains("web.1 running"), "\(status)")
        #expect(status.contains("DRIFT    notes.txt was changed"), "\(status)")
        #expect(status.contains("deploy again, or say heal: [files]"), "\(status)")
        #expect(try await stage.json([DeploymentView].self, "deployment", "list").count == 1)
    }

    /// The edge is told again, and a variable gets a deployment of the same commit, which ends the edited file too.
    private func misdirectedAndChanged(_ stage: Stage) async throws {
        try DurableFile.write("r99", to: "\(stage.production)/slots/blue/web.1/env/OPSHUB_RELEASE")
        try await stage.tellEdge("del map \(stage.home)/edge/active.map app.production")
        try await stage.waitUntil("traffic is back") { try await stage.version() == "1" }
        try await stage.waitUntil("another deployment has succeeded") {
            let all = try await stage.json([DeploymentView].self, "deployment", "list")
            return all.count == 2 && all.first?.state == "succeeded"
        }
        let events = try await stage.events("d1")
        #expect(events.contains("put right: new requests go nowhere"), "\(events)")
        #expect(
            events.contains("web.1 has another OPSHUB_RELEASE than it should be started with"),
            "\(events)",
        )
        #expect(!events.contains("r99"))
        let after = try await stage.opshub("status").output
        #expect(after.contains("serving  r2"), "\(after)")
        #expect(!after.contains("DRIFT"), "\(after)")
    }
}

extension Stage {
    fileprivate var production: String { "\(home)/projects/app/production" }

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
