// SPDX-License-Identifier: Apache-2.0
import Foundation
import HostSystem
import Testing

/// A team's own compose file, taken as it is.
@Suite("A compose project", .tags(.slow))
struct ComposeTests {
    @Test(
        "is deployed without a lost request, comes back, and is found again",
        .timeLimit(.minutes(10)),
        arguments: [("blue-green", 1), ("rolling", 2)],
    )
    func deployed(strategy: String, replicas: Int) async throws {
        try await Stage.composed(.init(strategy: strategy, replicas: replicas)) { stage in
            let first = try await stage.pushImage(version: "1")
            #expect(first.isSuccess, "\(first.errors)")
            #expect(try await stage.version().contains("1"))
            let count = try await SteadyLoad.during("\(stage.edge)/version") {
                for version in 2...3 {
                    let result = try await stage.pushImage(version: "\(version)")
                    #expect(result.isSuccess, "\(result.errors)")
                    #expect(try await stage.version().contains("\(version)"))
                }
                stage.killControlPlane()
                try await stage.serve()
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.output)\(back.errors)")
                #expect(try await stage.version().contains("2"))
            }
            #expect(count.lost == 0, "\(count)")
            let status = try await stage.opshub("status")
            #expect(status.output.contains("r2"), "\(status.output)")
        }
    }

    @Test(
        "has its data beside its releases, its files inside, and is put right when somebody interferes",
        .timeLimit(.minutes(10)),
    )
    func whole() async throws {
        var compose = Stage.Compose()
        compose.web = """
                command: sh -c 'cp -r /srv /tmp; wget -qO /tmp/srv/store http://store:7000/kept; cat /conf/greeting /motd >/tmp/srv/says; echo $$FROM_FILE $$SAYS | tee /tmp/srv/env; exec httpd -f -p 8000 -h /tmp/srv'
                user: "65534:65534"
                volumes: ["./conf:/conf:ro"]
                configs: [motd]
                env_file: web.env
                environment: { SAYS: "${GREETING:-hello}" }
                depends_on: { store: { condition: service_healthy } }
            """
        compose.services = """
              store:
                image: opshub-test/busybox:1
                command: sh -c 'echo kept >/data/kept; exec httpd -f -p 7000 -h /data'
                volumes: ["data:/data"]
                healthcheck: { test: ["CMD", "test", "-f", "/data/kept"], interval: 1s }
            """
        compose.rest = "volumes: { data: }\nconfigs: { motd: { content: of the day } }"
        try await Stage.composed(compose) { stage in
            let files = [
                "conf/greeting": "good morning ", "web.env": "FROM_FILE=file",
                "Dockerfile": Stage.Compose.dockerfile(version: "1"),
            ]
            let first = try await stage.push(files)
            #expect(first.isSuccess, "\(first.errors)")
            #expect(try await stage.answer("/store") == "kept")
            #expect(try await stage.answer("/says") == "good morning of the day")
            #expect(try await stage.answer("/env") == "file hello")
            #expect(
                try await stage.answer("/compose").contains("services:"),
                "whoever the image says can read it",
            )
            let store = try await stage.docker("ps", "-q", "--filter", "label=dev.opshub.accessory=store")
                .output
            let second = try await stage.pushImage(version: "2")
            #expect(second.isSuccess, "\(second.errors)")
            #expect(
                try await stage.docker("ps", "-q", "--filter", "label=dev.opshub.accessory=store").output
                    .contains(store)
            )
            let logs = try await stage.opshub("logs", "-e", "production", "web")
            #expect(logs.output.contains("file hello"), "\(logs.output)\(logs.errors)")

            let serving = try await stage.serving()
            let process = try await stage.docker("inspect", "-f", "{{.State.Pid}}", serving).output.dropLast()
            _ = try await stage.runner.run(Program("kill", ["-9", String(process)]))
            try await stage.waitUntil("its end is told") {
                try stage.serveLog().contains("web.1 ended by itself: signal 9")
            }
            try await stage.waitUntil("it is back") { try await stage.answer("/version").contains("2") }

            _ = try await stage.docker("rm", "-f", serving)
            try await stage.waitUntil("it was made anew") { try await stage.answer("/version").contains("2") }
            #expect(try await stage.opshub("status").output.contains("r2"))
        }
    }
}

extension Stage {
    /// What the public address answers; empty for nothing.
    fileprivate func answer(_ path: String) async throws -> String {
        let answer = try await runner.run(Program("curl", ["-sf", "--max-time", "5", "\(edge)\(path)"]))
        return answer.output.split(separator: "\n").joined(separator: " ")
    }

    /// The container of the first replica that has traffic; both slots have one.
    fileprivate func serving() async throws -> String {
        let identity = try FileContent.text(of: "\(home)/identity")?.prefix(6) ?? ""
        let names = try await docker(
            "ps",
            "--format",
            "{{.Names}}",
            "--filter",
            "label=dev.opshub.home=\(identity)",
            "--filter",
            "label=dev.opshub.release=r2",
        )
        .output
        return String(try #require(names.split(separator: "\n").first))
    }
}
