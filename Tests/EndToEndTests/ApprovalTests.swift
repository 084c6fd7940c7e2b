// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Testing

/// A deployment that a person must agree to.
@Suite("An approval", .tags(.slow))
struct ApprovalTests {
    @Test("is asked for, bound to the plan, and recorded; a no changes nothing", .timeLimit(.minutes(10)))
    func approval() async throws {
        try await Stage.with(.init(approval: true)) { stage in
            let pushed = try await stage.push(behaviour: #"{ "version": "1" }"#)
            #expect(pushed.isSuccess, "a push that waits for a person has not failed: \(pushed.errors)")
            #expect(pushed.errors.contains("it waits for a yes: opshub approve d1"))
            let wrong = try await stage.opshub("approve", "-e", "production", "--plan", "0000")
            #expect(wrong.ending == .exited(4))
            #expect(wrong.errors.contains("waits with plan"))
            let own = try await stage.opshub("approve", "-e", "production", "-c", "go")
            #expect(own.ending == .exited(4))
            #expect(own.errors.contains("ada asked for d1 and can't be the one who approves it"))
            #expect(own.errors.contains("own: true at environments.production.approval"))
            #expect(try await stage.opshub("people", "set", "ada", "OWNER").isSuccess)
            let viewer = try await stage.opshub("approve", "-e", "production", as: "bea")
            #expect(viewer.ending == .exited(4))
            #expect(viewer.errors.contains("bea is VIEWER, and d1 needs the yes of OWNER or MAINTAINER"))
            #expect(try await !stage.opshub("people", "set", "bea", "OWNER", as: "bea").isSuccess)
            let people = try await stage.opshub("people", "set", "bea", "MAINTAINER")
            #expect(people.output.contains("bea   MAINTAINER"), "\(people.output)\(people.errors)")
            let yes = try await stage.opshub("approve", "-e", "production", "-c", "go", as: "bea")
            #expect(yes.isSuccess, "\(yes.errors)")
            let followed = try await stage.opshub("events", "d1", "--follow")
            #expect(followed.output.contains("approved by bea from 127.0.0.1: go"))
            #expect(try await stage.version().contains("1"))

            _ = try await stage.push(behaviour: #"{ "version": "2" }"#)
            #expect(try await stage.opshub("reject", "d2", "-c", "not today").isSuccess)
            let rejected = try await stage.opshub("events", "d2", "--follow")
            #expect(rejected.ending == .exited(1))
            #expect(rejected.output.contains("ada rejected d2: not today"))
            #expect(try await stage.version().contains("1"))
        }
    }

    @Test(
        "is asked for when a gate can't judge a release, which has its traffic meanwhile",
        .timeLimit(.minutes(10)),
    )
    func decision() async throws {
        let stability = ", max_window: 1s, min_requests: 100000, inconclusive: ask"
        try await Stage.with(.init(window: "1s", stability: stability)) { stage in
            let pushed = try await stage.push(behaviour: #"{ "version": "1" }"#)
            #expect(pushed.isSuccess, "a push that waits for a person has not failed: \(pushed.errors)")
            #expect(pushed.errors.contains("too few to judge release r1"), "\(pushed.errors)")
            #expect(try await stage.version() == "1")
            #expect(
                try await stage.opshub("status").output.contains("d1 awaiting-decision at the stability gate")
            )
            let kept = try await stage.opshub("approve", "-e", "production", "-c", "nobody is up")
            #expect(kept.isSuccess, "\(kept.errors)")
            #expect(kept.output.contains("d1 goes on: app/production keeps r1"), "\(kept.output)")
            #expect(try await stage.opshub("events", "d1", "--follow").output.contains("kept by ada"))

            _ = try await stage.push(behaviour: #"{ "version": "2" }"#)
            #expect(try await stage.version() == "2")
            #expect(try await stage.opshub("reject", "d2", "-c", "not sure").isSuccess)
            let rejected = try await stage.opshub("events", "d2", "--follow")
            #expect(rejected.ending == .exited(1))
            #expect(rejected.output.contains("return traffic: done"))
            #expect(try await stage.version() == "1")
            let report = try await stage.opshub("deployment", "view", "d2")
            #expect(report.output.contains("ada rejected d2: not sure"), "\(report.output)")
        }
    }
}
