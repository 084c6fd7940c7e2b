// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Testing

@testable import HAProxyRouter

/// Invariant 12: what can't be read is reported and stays.
@Suite("An edge whose state can't be read", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeDamageTests {
    @Test(
        "goes on as it is, and nobody changes it or its files",
        arguments: ["", "{", "{\"environments\": [{}]}", "\u{0}\u{0}\u{0}", "[]"],
    )
    func untouched(damage: String) async throws {
        try await EdgeHome.serving { edge, _ in
            try edge.overwrite("state.json", with: damage)
            let (files, epoch) = (try edge.files(), try await edge.epoch())
            for attempt in Self.attempts {
                let failure = try await #require(throws: Failure.self) { try await attempt(edge.router) }
                #expect(failure.code == .damagedState)
                #expect(failure.message.contains(edge.settings.state))
                #expect(failure.hint != nil)
            }
            #expect(try edge.files() == files)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
        }
    }

    /// Everything that reads the state.
    private static let attempts: [@Sendable (HAProxyRouter) async throws -> Void] = [
        { try await $0.start() },
        { try await $0.clear(.green, of: Sample.production) },
        { try await $0.remove(Sample.production) },
        { try await $0.place(Sample.placement(.green, "r2", ports: [20_001])) },
        { try await $0.direct(.none, of: Sample.production) },
        { _ = try await $0.observe(Sample.production) },
    ]
}
