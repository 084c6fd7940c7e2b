// SPDX-License-Identifier: Apache-2.0
import API
import HostSystem
import Testing

/// A release that gets its traffic in growing shares, watched at each.
@Suite("A canary", .tags(.slow))
struct CanaryTests {
    private static let manifest = Stage.Manifest(
        strategy: "canary",
        window: "1s",
        canary: "{ steps: [20%, 60%, 100%] }",
    )

    @Test("gets everything step by step, and nobody loses a request", .timeLimit(.minutes(10)))
    func succeeds() async throws {
        try await Stage.with(Self.manifest) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                let second = try await stage.push(behaviour: #"{ "version": "2" }"#)
                #expect(second.isSuccess, "\(second.errors)")
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try await stage.version() == "2")
            let lines = try await stage.json([JournalLine].self, "events", "d2")
            let steps = lines.filter { $0.kind == .finished }.compactMap(\.step)
            #expect(
                steps.suffix(8) == [
                    "shift to 20%", "canary gate at 20%", "shift to 60%", "canary gate at 60%", "switch",
                    "drain", "stability gate", "external check",
                ]
            )
        }
    }

    @Test(
        "that fails is taken back at its first step, before most clients have met it",
        .timeLimit(.minutes(10)),
    )
    func aborts() async throws {
        try await Stage.with(Self.manifest) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                let second = try await stage.push(behaviour: #"{ "version": "2", "fail_after_requests": 5 }"#)
                #expect(second.errors.contains("✗ canary gate at 20%"), "\(second.errors)")
            }
            #expect(try await stage.version() == "1")
            let (good, bad) = (count.statuses[200] ?? 0, count.statuses[500] ?? 0)
            #expect(bad > 0 && bad * 4 < good, "\(count)")
            #expect(count.lost == bad, "\(count)")
        }
    }
}
