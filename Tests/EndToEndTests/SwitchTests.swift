// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// Traffic moves while clients hammer the public address, and none of them notices.
@Suite("Under full load", .tags(.slow), .serialized)
struct SwitchTests {
    @Test(
        "no request is lost while releases follow each other and come back",
        .timeLimit(.minutes(10)),
        arguments: [("blue-green", 1), ("rolling", 2)],
    )
    func noneLost(strategy: String, replicas: Int) async throws {
        try await Stage.with(.init(strategy: strategy, replicas: replicas, window: "1s")) { stage in
            _ = try await stage.push(behaviour: #"{ "version": "1" }"#)
            let count = try await Load.during("\(stage.edge)/") {
                for version in 2...3 {
                    let result = try await stage.push(behaviour: #"{ "version": "\#(version)" }"#)
                    #expect(result.isSuccess, "\(result.errors)")
                    #expect(try await stage.version().contains("\(version)"))
                }
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.errors)")
                #expect(try await stage.version().contains("2"))
            }
            #expect(count.lost == 0, "\(count)")
            #expect(count.requests > 100)
        }
    }

    @Test(
        "a control plane that is killed finishes or undoes the deployment when it is back",
        .timeLimit(.minutes(10)),
        arguments: ["▸ stability gate"],
    )
    func killed(moment: String) async throws {
        try await Stage.with(.init(window: "4s")) { stage in
            _ = try await stage.push(behaviour: #"{ "version": "1" }"#)
            let count = try await Load.during("\(stage.edge)/") {
                _ = try await stage.push(
                    behaviour: #"{ "version": "2", "boot_delay_ms": 1500 }"#,
                    wait: false,
                )
                try await stage.waitUntil("the deployment is at the \(moment)") {
                    try await stage.opshub("events", "d2").output.contains(moment)
                }
                let watcher = Serving()
                var environment = ProcessInfo.processInfo.environment
                environment["OPSHUB_HOME"] = stage.home
                let watched = "\(stage.root)/watch.log"
                try watcher.start(
                    Stage.binary,
                    ["events", "d2", "--follow"],
                    log: watched,
                    environment: environment,
                )
                defer { watcher.kill() }
                try await stage.waitUntil("somebody watches") {
                    try FileContent.text(of: watched)?.contains(moment) == true
                }
                stage.killControlPlane()
                #expect(try await stage.version().contains(moment.contains("stability") ? "2" : "1"))
                try await stage.serve()
                let followed = try await stage.opshub("events", "d2", "--follow")
                #expect(followed.isSuccess, "\(followed.output)\n\(followed.errors)")
                #expect(followed.output.contains("⟳ the control plane was started again"))
                try await stage.waitUntil("who watched has seen the end") { !watcher.isRunning }
                let seen = try FileContent.text(of: watched)
                #expect(seen == followed.output)
                #expect(try await stage.version().contains("2"))
            }
            #expect(count.lost == 0, "\(count)")
        }
    }
}
