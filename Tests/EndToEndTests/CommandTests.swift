// SPDX-License-Identifier: Apache-2.0
import API
import Foundation
import HostSystem
import Testing

/// The verbs that look and act, as people and programs use them.
@Suite("The command line on a running control plane", .tags(.slow))
struct CommandTests {
    @Test(
        "shows plans, releases, logs and status, as text and as JSON, and deploys",
        .timeLimit(.minutes(10)),
    )
    func everyVerb() async throws {
        try await Stage.with(.init(window: "1s")) { stage in
            let pushed = try await stage.push(behaviour: #"{ "version": "1" }"#, wait: false)
            #expect(pushed.errors.contains("follow it: opshub events d1 --follow"), "\(pushed.errors)")
            let followed = try await stage.opshub("events", "d1", "--follow")
            #expect(followed.output.hasSuffix("■ succeeded\n"), "\(followed.output)")

            let unknown = try await stage.opshub("plan", "-e", "nowhere")
            #expect(unknown.ending == .exited(3))
            #expect(unknown.errors.contains("app has no environment nowhere\nhint: it has production"))
            let same = try await stage.push([:])
            #expect(same.isSuccess, "\(same.errors)")
            _ = try await stage.push(behaviour: #"{ "version": "3" }"#, wait: false)
            _ = try await stage.opshub("events", "d3", "--follow")

            let plan = try await stage.json(PlanView.self, "plan", "-e", "production")
            #expect(plan.environment == "production" && plan.outgoing == "r3" && plan.digest.count == 64)
            let text = try await stage.opshub("plan", "-e", "production").output
            for word in ["app/production", "web × 1", "blue-green", "health gate", "way back"] {
                #expect(text.contains(word), "\(text)")
            }
            let short = String(plan.digest.prefix(12))
            let deployed = try await stage.opshub(
                "deploy",
                "-e",
                "production",
                "--ref",
                "main",
                "--plan",
                short,
            )
            let followed4 = try await stage.json([DeploymentView].self, "deployment", "list", "--limit", "1")
            #expect(followed4.first?.plan?.digest == plan.digest, "what was shown is what was run")
            let lapsed = try await stage.opshub(
                "deploy",
                "-e",
                "production",
                "--ref",
                "main",
                "--plan",
                short,
            )
            #expect(lapsed.ending == .exited(4) && lapsed.errors.contains("plan \(short) does not hold"))
            #expect(deployed.isSuccess && deployed.output.contains("■ succeeded"), "\(deployed.errors)")
            #expect(deployed.output.contains("requests while it ran:"))

            let releases = try await stage.json([ReleaseView].self, "release", "list", "-e", "production")
            #expect(releases.map(\.state) == ["serving", "warm", "built", "built"])
            let table = try await stage.opshub("release", "list", "-e", "production").output
            #expect(table.hasPrefix("RELEASE") && table.contains("serving"))
            let status = try await stage.json([EnvironmentView].self, "status")
            #expect(status.map(\.serving?.release) == ["r4"])
            #expect(status.first?.problems == [])
            let lines = try await stage.opshub("events", "d4", "--follow", "--json").output
                .split(separator: "\n")
                .map { try Wire.decoder().decode(JournalLine.self, from: Data($0.utf8)) }
            #expect(lines.first?.kind == .requested && lines.last?.kind == .ended)
            #expect(try await stage.json([LogView].self, "logs", "-e", "production").isEmpty == false)
            #expect(try await stage.json([BackupView].self, "backup", "list", "-e", "production").isEmpty)

            let report = try await stage.json(DeploymentReport.self, "deployment", "view", "d4")
            #expect(report.deployment.state == "succeeded" && report.journal == lines)
            let drawn = try await stage.opshub("release", "view", "r4").output
            for word in ["d4 succeeded: r4", "took ", "health gate ", "█", "stability gate "] {
                #expect(drawn.contains(word), "\(drawn)")
            }
            let all = try await stage.json([DeploymentView].self, "deployment", "list", "-e", "production")
            #expect(all.map(\.id) == ["d4", "d3", "d2", "d1"])
            #expect(try await stage.opshub("deployment", "view", "d9").ending == .exited(3))

            let answer = try await stage.json(
                RollbackAnswerView.self,
                "rollback",
                "-e",
                "production",
                "--dry-run",
            )
            #expect((answer.way, answer.release, answer.serving) == ("instant", "r3", "r4"))
            let cold = try await stage.opshub("rollback", "-e", "production", "--dry-run", "--to", "r1")
            #expect(
                cold.output.hasPrefix("r4 → r1: it is started again first, and passes its gates\n"),
                "\(cold.output)",
            )
            #expect(
                try await stage.opshub("rollback", "-e", "production", "--dry-run", "--to", "r9").ending
                    == .exited(3)
            )
            #expect(try await stage.json([DeploymentView].self, "deployment", "list").count == 4)

            let token = try FileManager.default.attributesOfItem(atPath: "\(stage.home)/keys/token")
            #expect(token[.posixPermissions] as? Int == 0o600)
        }
    }

    @Test("follows logs as they are written", .timeLimit(.minutes(10)))
    func followsLogs() async throws {
        try await Stage.with(.init(window: "1s")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let reader = Serving()
            let log = "\(stage.root)/logs.txt"
            var environment = ProcessInfo.processInfo.environment
            environment["OPSHUB_HOME"] = stage.home
            let arguments = ["logs", "-e", "production", "-p", "app", "-f", "-n", "1"]
            try reader.start(Stage.binary, arguments, log: log, environment: environment)
            defer { reader.kill() }
            try await stage.waitUntil("the first release's line is shown") {
                try FileContent.text(of: log)?.contains("version 1") == true
            }
            _ = try await stage.push(behaviour: #"{ "version": "2" }"#)
            try await stage.waitUntil("the second release's line is shown too") {
                try FileContent.text(of: log)?.contains("version 2") == true
            }
        }
    }
}
