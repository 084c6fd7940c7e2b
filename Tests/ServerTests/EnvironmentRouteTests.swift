// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import NIOCore
import API
import Core
import Delivery
import HTTPTypes
import HummingbirdTesting
import TestSupport
import Testing

/// What is true of environments, over HTTP.
@Suite("The API of environments")
struct EnvironmentRouteTests {
    @Test("shows nothing before anything was deployed, and then what serves and what is warm")
    func status() async throws {
        try await Desk.run { desk in
            #expect(try await desk.get("/api/v1/status").value([EnvironmentView].self) == [])
            for number in 1...2 { _ = try await desk.deploy("c\(number)") }
            let view = try #require(try await desk.get("/api/v1/status").value([EnvironmentView].self).first)
            #expect(view.project == "tracehub")
            #expect(view.environment == "production")
            #expect(view.addresses == ["http://tracehub.example.com:8080", "http://127.0.0.1:8000"])
            #expect(view.serving?.release == "r2")
            #expect(view.serving?.slot == "green")
            #expect(view.serving?.subject == "change c2")
            #expect(view.warm?.release == "r1")
            #expect(view.warmUntil != nil)
            #expect(view.traffic == "100% green")
            #expect(view.instances.map(\.release) == ["r1", "r2"])
            #expect(view.instances.map(\.state) == ["running", "running"])
            #expect(view.deployment?.id == "d2")
            #expect(view.problems == [])
            #expect(try await desk.get("/api/v1/status?project=other").value([EnvironmentView].self) == [])
            let own = try await desk.get("/api/v1/status?project=tracehub").value([EnvironmentView].self)
            #expect(own == [view])
        }
    }

    @Test("shows where the first release answers while it is being watched, and that a later one has traffic")
    func watched() async throws {
        try await Desk.run { desk in
            for number in 1...2 {
                desk.world.change { $0.hangs = ["get tracehub.example.com:8080/"] }
                let id = try await desk.order("c\(number)").id
                _ = try await desk.until(id) { $0.step == "external check" }
                let status = try await desk.get("/api/v1/status").value([EnvironmentView].self)
                let view = try #require(status.first)
                #expect(view.addresses.first == "http://tracehub.example.com:8080")
                #expect(view.serving?.release == (number == 1 ? nil : "r2"))
                #expect(view.traffic == (number == 1 ? "100% blue" : "100% green"))
                #expect(view.problems == [])
                desk.world.change { $0.hangs = [] }
                _ = try await desk.post("/api/v1/deployments/\(id)/cancellation", as: "Ada")
                _ = try await desk.verdict(of: id)
                if number == 1 { _ = try await desk.deploy("c1") }
            }
        }
    }

    @Test("shows where the environment should be, and what has become of that")
    func desired() async throws {
        try await Desk.run { desk in
            for number in 1...2 {
                let commit = "c\(number)"
                _ = try await desk.post(
                    "/api/v1/projects/tracehub/pushes",
                    "{\"branch\":\"main\",\"new\":\"\(commit)\"}",
                )
                if number == 2 { desk.world.change { $0.health[ReleaseID("r2")] = 500 } }
                _ = try await desk.verdict(of: "d\(number)")
                let status = try await desk.get("/api/v1/status").value([EnvironmentView].self)
                let desired = try #require(status.first?.desired)
                #expect(desired.branch == "main")
                #expect(desired.commit == commit)
                #expect(desired.subject == "change \(commit)")
                #expect(desired.deployment == (number == 1 ? nil : "d2"))
                #expect(desired.state == (number == 1 ? nil : "failed"))
            }
        }
    }

    @Test("shows what somebody has changed by hand, and does not tell it twice")
    func drift() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            desk.world.change { facts in
                facts.alterations = ["app.py was changed"]
                facts.instances[InstanceID(Desk.key, .blue, ServiceName("backend"), 1)]?.state = .stopped
                let failure = Failure(.unexpected, "drift: it stays stopped")
                facts.failures["start"] = Array(repeating: failure, count: 99)
            }
            try await desk.engine.lookForDrift()
            let view = try #require(try await desk.get("/api/v1/status").value([EnvironmentView].self).first)
            #expect(view.drift.map(\.text) == ["app.py was changed", "backend.1 is stopped"])
            #expect(view.drift.map(\.kind) == ["files", "services"])
            #expect(view.drift.map(\.heals) == [false, true])
            #expect(view.problems == [])
        }
    }

    @Test("says what is not as it should be")
    func problems() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let id = InstanceID(Desk.key, .blue, ServiceName("backend"), 1)
            var seen: [[String]] = []
            for change in Self.mishaps {
                let before = desk.world.now
                desk.world.change { change(&$0, id) }
                let views = try await desk.get("/api/v1/status").value([EnvironmentView].self)
                seen += views.map(\.problems)
                desk.world.change { $0 = before }
            }
            #expect(
                seen == [
                    ["no instance of r1 runs"], ["backend.1 keeps ending: exit status 3"],
                    ["backend.1 is stopped"], ["backend.1 ended by itself 2×: signal 9"],
                    ["the edge sends traffic to green, r1 is in blue"],
                    ["the edge does not know this environment"],
                ]
            )
        }
    }

    @Test("shows what a deployment would do, and makes nothing")
    func plan() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let plan = try await desk.get("\(Desk.path)/plan?ref=feature%2Fx").value(PlanView.self)
            #expect(plan.commit == "feature/x")
            #expect(plan.digest.hasPrefix("digest-"))
            #expect(plan.outgoing == "r1")
            #expect(plan.services.map(\.name) == ["backend"] && plan.services.map(\.replicas) == [1])
            #expect(plan.routes == ["/": "backend"])
            #expect(plan.strategy == "blue-green")
            #expect(plan.steps.contains("switch") && plan.expectedSeconds != nil)
            desk.world.change { $0.heads = ["main": CommitID("head")] }
            #expect(try await desk.get("\(Desk.path)/plan").value(PlanView.self).commit == "head")
            #expect(try await desk.store.deployments(of: nil, limit: 9).count == 1)
        }
    }

    @Test("lists releases with what each is")
    func releases() async throws {
        try await Desk.run { desk in
            for number in 1...3 { _ = try await desk.deploy("c\(number)") }
            desk.world.change { $0.failures["run build"] = [Failure(.buildFailed, "no compiler")] }
            _ = try await desk.deploy("c4")
            let releases = try await desk.get("\(Desk.path)/releases").value([ReleaseView].self)
            #expect(releases.map(\.id) == ["r4", "r3", "r2", "r1"])
            #expect(releases.map(\.state) == ["not-built", "serving", "warm", "built"])
            #expect(releases.map(\.commit) == ["c4", "c3", "c2", "c1"])
        }
    }

    @Test("has the logs of an environment that is there")
    func logs() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            for query in ["", "?service=backend&release=r1&limit=5", "?service=none"] {
                #expect(
                    try await desk.get("\(Desk.path)/logs\(query)").value([LogView].self) == [],
                    "\(query)",
                )
            }
            try await desk.get("\(Desk.path)/logs?release=r9").problem(.notFound, "not-found")
        }
    }

    @Test("has backups, and takes one now in a person's name")
    func backups() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let listed = try await desk.get("\(Desk.path)/backups").value([BackupView].self)
            #expect(listed == [ScriptedBackupDesk.one])
            let made = try await desk.post("\(Desk.path)/backups", as: "Ada")
                .value([BackupView].self, status: .created)
            #expect(made.map(\.reason) == ["asked for by Ada"])
        }
    }

    @Test("says what takes long and is under way in it")
    func progress() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let all = try await desk.get("\(Desk.path)/progress").value([ProgressView].self)
            #expect(all.map(\.of) == ["backup b2", "migrations of tracehub/production db"])
            #expect(all.map(\.unit) == ["bytes", "migrations"] && all.map(\.total) == [40, 3])
            try await desk.get("/api/v1/projects/tracehub/environments/nowhere/progress")
                .problem(.notFound, "not-found")
        }
    }

    @Test("says which moments its databases can go back to, and makes a backup of one")
    func moments() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let windows = try await desk.get("\(Desk.path)/windows").value([WindowView].self)
            #expect(windows.map(\.accessory) == ["db"])
            #expect(windows.first?.stretches.map { $0.to.timeIntervalSince($0.from) } == [3600])
            let made =
                try await desk.post(
                    "\(Desk.path)/backups",
                    #"{ "asOf": "2026-11-22T10:41:30Z", "isProven": false }"#,
                    as: "Ada",
                )
                .value([BackupView].self, status: .created)
            #expect(made.map(\.reason) == ["as of 2026-11-22T10:41:30Z, asked for by Ada"])
            try await desk.post("\(Desk.path)/backups", #"{ "asOf": "yesterday" }"#)
                .problem(.badRequest, "invalid")
        }
    }

    @Test("says which backups its policy keeps, and removes the others when it is told to")
    func prunedBackups() async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            let looked = try await desk.get("\(Desk.path)/backups/prune").value([BackupVerdictView].self)
            #expect(looked.map(\.reasons) == [["the last verified"]] && looked.map(\.goes) == [false])
            let done = try await desk.post("\(Desk.path)/backups/prune").value([BackupVerdictView].self)
            #expect(done.map(\.goes) == [true])
        }
    }

    @Test("says which key opens its backups, and shows the key itself only to who asks for that")
    func recoveryKey() async throws {
        try await Desk.run { desk in
            let seen = try await desk.get("/api/v1/recovery-key")
            #expect(try seen.value(RecoveryKeyView.self).isExported == false)
            #expect(!String(buffer: seen.body).contains("opshub-key-1"))
            let shown = try await desk.post("/api/v1/recovery-key/export")
            #expect(try shown.value(RecoveryKeyView.self).key == "opshub-key-1 AAAA 0000")
            #expect(shown.headers[.cacheControl] == "no-store")
        }
    }

    @Test("deploys what is pushed to a branch that is mapped, once")
    func push() async throws {
        try await Desk.run { desk in
            let path = "/api/v1/projects/tracehub/pushes"
            let first = try await desk.post(path, "{\"branch\":\"main\",\"new\":\"c1\"}", as: "Ada")
                .value(PushAnswer.self)
            #expect(first.started.map(\.requestedBy) == ["Ada"])
            #expect(first.remarks == [])
            let id = try #require(first.started.first?.id)
            #expect(try await desk.verdict(of: id).state == "succeeded")
            let again = try await desk.post(path, "{\"branch\":\"main\",\"old\":\"c1\",\"new\":\"c1\"}")
                .value(PushAnswer.self)
            #expect(again.started == [])
            #expect(again.remarks == ["tracehub/production: nothing to deploy, r1 serves commit c1 already"])
        }
    }

    @Test("says why nothing was deployed: another branch, a branch that goes")
    func pushOfNothing() async throws {
        try await Desk.run { desk in
            let path = "/api/v1/projects/tracehub/pushes"
            let other = try await desk.post(path, "{\"branch\":\"feature\",\"new\":\"c1\"}")
                .value(PushAnswer.self)
            #expect(
                other.remarks == ["nothing to deploy: no environment is mapped to feature (mapped: main)"]
            )
            let gone = try await desk.post(path, "{\"branch\":\"main\",\"old\":\"c1\"}")
                .value(PushAnswer.self)
            let remark = "nothing to deploy: main is gone; what serves goes on"
            #expect(gone == PushAnswer(started: [], remarks: [remark]))
            #expect(try await desk.store.deployments(of: nil, limit: 9).isEmpty)
        }
    }

    /// What can go wrong with an environment that serves r1 from blue.
    private static let mishaps: [@Sendable (inout ScriptedWorld.Facts, InstanceID) -> Void] = [
        { facts, id in facts.instances[id] = nil },
        { facts, id in
            facts.instances[id]?.state = .restarting
            facts.instances[id]?.lastExit = "exit status 3"
        },
        { facts, id in facts.instances[id]?.state = .stopped },
        { facts, id in
            facts.instances[id]?.exits = 2
            facts.instances[id]?.lastExit = "signal 9"
        },
        { facts, _ in facts.split[Desk.key] = .all(.green) },
        { facts, _ in facts.split[Desk.key] = nil },
    ]
}
