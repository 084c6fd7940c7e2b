// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import HostSystem
import Testing

/// Everything on the machine ends at once, as in a power cut.
@Suite("After a reboot", .tags(.slow))
struct RebootTests {
    @Test(
        "what served serves again, with its database, as soon as the control plane is back",
        .timeLimit(.minutes(10)),
    )
    func returns() async throws {
        try await Stage.with(.init(hasDatabase: true)) { stage in
            let first = try await stage.push(
                [
                    "behaviour.json": #"{ "version": "1" }"#,
                    "migrations/0001_orders.sql": "CREATE TABLE orders (id int);",
                ]
            )
            try #require(first.isSuccess, "\(first.errors)")
            _ = try await stage.push(behaviour: #"{ "version": "2" }"#)
            try await stage.killEverything()
            #expect(try await stage.version() == "")
            try await stage.serve()
            try await stage.waitUntil("the release that served answers") {
                try await stage.version().contains("2")
            }
            try await stage.waitUntil("status has nothing to say") {
                try await !stage.opshub("status").output.contains("PROBLEM")
            }
            let back = try await stage.opshub("rollback", "-e", "production")
            #expect(back.isSuccess, "the warm release runs again too: \(back.output)\(back.errors)")
            #expect(try await stage.version().contains("1"))
        }
    }
}

extension RebootTests {
    @Test(
        "an edge that has lost its own state goes on as it was, and nobody notices",
        .timeLimit(.minutes(10)),
    )
    func lostEdgeState() async throws {
        try await Stage.with(.init(window: "1s")) { stage in
            for version in 1...2 {
                let result = try await stage.push(behaviour: #"{ "version": "\#(version)" }"#)
                try #require(result.isSuccess, "\(result.errors)")
            }
            let count = try await Load.during("\(stage.edge)/", connections: 4) {
                stage.killControlPlane()
                try Folder.remove("\(stage.home)/edge/state.json")
                try await stage.serve()
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.output)\(back.errors)")
                #expect(try await stage.version().contains("1"))
            }
            #expect(count.lost == 0, "\(count)")
        }
    }
}

extension Stage {
    /// Ends the control plane and all that it ever started, without a chance to tidy up.
    func killEverything() async throws {
        killControlPlane()
        try await waitUntil("nothing of the stage runs") {
            let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc")
                .compactMap { Int32($0) }
                .filter { $0 != getpid() && belongs($0) }
            // Supervisors first, so that they start nothing again; they come before what they started.
            for process in processes.sorted() { kill(process, SIGKILL) }
            return processes.isEmpty
        }
    }

    private func belongs(_ process: Int32) -> Bool {
        // What ended meanwhile, or is the kernel's, belongs to nobody.
        let folder =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd")) ?? ""
        let command = (try? FileContent.text(of: "/proc/\(process)/cmdline")) ?? ""
        return folder.hasPrefix(root) || command.contains(root)
    }
}
