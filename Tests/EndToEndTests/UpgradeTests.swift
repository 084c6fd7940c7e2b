// SPDX-License-Identifier: Apache-2.0
import API
import HostSystem
import Testing

/// OpsHub itself is replaced while it deploys and visitors come.
@Suite("An upgrade of OpsHub", .tags(.slow))
struct UpgradeTests {
    @Test(
        "takes a deployment along from where it is, and no visitor notices",
        .timeLimit(.minutes(10)),
        arguments: ["build", "stability gate"],
    )
    func underLoad(step: String) async throws {
        let manifest = Stage.Manifest(build: "\"[ ! -e slow ] || sleep 3\"", window: "2s", drain: "2s")
        try await Stage.with(manifest) { stage in
            // Another file than the one that was started, as package managers replace it.
            let installed = "\(stage.root)/opshub"
            try await install(stage, installed)
            try await stage.stopControlPlane()
            try await stage.serve(binary: installed)
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let count = try await Load.during("\(stage.edge)/", connections: 8) {
                _ = try await stage.push(
                    ["slow": "", "behaviour.json": #"{ "version": "2" }"#],
                    wait: false,
                )
                try await stage.waitUntil("it is at the \(step)") {
                    try await newest(stage)?.step == step
                }
                try await install(stage, "\(installed).new")
                _ = try await stage.runner.run(Program("mv", ["\(installed).new", installed]))
                try await stage.stopControlPlane()
                try await stage.serve(binary: installed)
                try await stage.waitUntil("it is over") { try await newest(stage)?.isOver == true }
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try await stage.version() == "2")
            let deployment = try #require(try await newest(stage))
            #expect(deployment.state == "succeeded")
            let events = try await stage.opshub("events", deployment.id).output
            #expect(events.contains("the control plane was started again and goes on"), "\(events)")
        }
    }

    private func newest(_ stage: Stage) async throws -> DeploymentView? {
        try await stage.json([DeploymentView].self, "deployment", "list").first
    }

    private func install(_ stage: Stage, _ path: String) async throws {
        _ = try await stage.runner.run(Program("cp", [Stage.binary, path])).checked(doing: "installing")
    }
}
