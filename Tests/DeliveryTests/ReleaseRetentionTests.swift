// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Manifest
import TestSupport
import Testing

@testable import Delivery

/// Which builds stay on the disk: Invariant 11.
@Suite("Retention of releases")
struct ReleaseRetentionTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("keeps the newest, removes what is beyond their number, too old, or too much")
    func policy() {
        let counted = Self.kept(ReleasesManifest(keepLast: 3), Self.releases(6))
        #expect(counted == ["r6", "r5", "r4"])
        let aged = Self.kept(ReleasesManifest(keepLast: 6, keepDays: 2), Self.releases(6))
        #expect(aged == ["r6", "r5"])
        let sized = Self.kept(ReleasesManifest(keepLast: 6, maxSize: .mebibytes(250)), Self.releases(6))
        #expect(sized == ["r6", "r5"])
    }

    @Test("never removes what is protected, whatever the policy; it takes its room first")
    func protected() {
        let strict = ReleasesManifest(keepLast: 1, keepDays: 1, maxSize: .mebibytes(1))
        for protection in ReleaseRetention.Protection.allCases {
            #expect(Self.kept(strict, Self.releases(6), protected: ["r2": protection]) == ["r2"])
        }
        let room = ReleasesManifest(keepLast: 6, maxSize: .mebibytes(250))
        #expect(Self.kept(room, Self.releases(6), protected: ["r1": .serving]) == ["r6", "r1"])
    }

    @Test("says why, and has nothing to say of releases without a build")
    func reasons() {
        var releases = Self.releases(4)
        releases[0].builtAt = nil
        releases[1].retiredAt = Self.now
        let verdicts = ReleaseRetention(ReleasesManifest(keepLast: 1))
            .verdicts(on: releases, protected: [:], at: Self.now)
        #expect(verdicts.map(\.release.id.rawValue) == ["r2", "r1"])
        #expect(verdicts.map(\.keeps) == ["one of the last 1", nil])
        #expect(verdicts.map(\.removes) == [nil, "1 newer ones are kept"])
    }

    @Test("removes builds after a deployment, and a rollback to one of them says how to build it anew")
    func afterDeployment() async throws {
        var manifest = Bench.manifest(keepWarm: .zero)
        manifest.environments[0].releases = ReleasesManifest(keepLast: 1)
        try await Bench.run(manifest: manifest) { bench in
            for number in 1...4 { _ = try await bench.deploy("c\(number)") }
            try await bench.waitUntil {
                try await bench.store.release(ReleaseID("r2"))?.retiredAt != nil
                    && bench.world.now.actions.contains(
                        "discard r2"
                    )
            }
            let states = try await bench.store.releases(of: Bench.key, limit: 9)
            // r4 serves, r3 is what a rollback returns to.
            #expect(states.map { $0.retiredAt == nil } == [true, true, false, false])
            let failure = await #expect(throws: Failure.self) {
                try await bench.engine.rollBack(Bench.key, to: ReleaseID("r1"), requester: Bench.ada)
            }
            #expect(failure?.code == .conflict)
            #expect(failure?.hint == "build it anew: opshub deploy -e production --ref c1")
            await #expect(throws: Failure.self) {
                try await bench.engine.canRollBack(Bench.key, to: ReleaseID("r1"))
            }
            #expect(try await bench.engine.canRollBack(Bench.key, to: nil).way == .restart)
            #expect(try await bench.engine.prune(Bench.key) == [])
        }
    }

    @Test("goes on where it was cut short: a release that was given up and whose files are still there")
    func cutShort() async throws {
        var manifest = Bench.manifest(keepWarm: .zero)
        manifest.environments[0].releases = ReleasesManifest(keepLast: 1)
        let world = ScriptedWorld()
        let failing = Array(repeating: Failure(.unexpected, "the disk is away"), count: 1)
        world.change { $0.failures["discard"] = failing }
        try await Bench.run(manifest: manifest, world: world, onReport: { _ in }) { bench in
            for number in 1...5 { _ = try await bench.deploy("c\(number)") }
            try await bench.waitUntil {
                let all = try await bench.store.releases(of: Bench.key, limit: 9)
                return all.filter { $0.retiredAt != nil }.map(\.size) == [nil, nil, nil]
            }
        }
    }

    @Test("is given up when nobody gets to it, and keeps nobody awake after that")
    func stuck() async throws {
        var manifest = Bench.manifest(keepWarm: .zero)
        manifest.environments[0].releases = ReleasesManifest(keepLast: 9)
        let store = InMemoryDeliveryStore()
        try await Bench.run(manifest: manifest, store: store) { bench in
            for number in 1...3 { _ = try await bench.deploy("c\(number)") }
            try await bench.waitUntil { try await store.environment(Bench.key)?.warm == nil }
        }
        // A stricter policy, and another control plane that has the environment and does nothing.
        var release = try #require(try await store.release(ReleaseID("r3")))
        release.manifest.environments[0].releases = ReleasesManifest(keepLast: 1)
        let lease = try await store.claim(
            Bench.key,
            for: "elsewhere",
            at: .distantFuture,
            until: .distantFuture,
        )
        try await store.commit(DeliveryChange(release: release, at: .distantFuture), lease: lease)
        try await Bench.run(manifest: manifest, store: store) { bench in
            let failure = await #expect(throws: Failure.self) { try await bench.engine.prune(Bench.key) }
            #expect(failure?.code == .conflict)
            #expect(failure?.message.contains("could not be looked through") == true)
            #expect(await bench.engine.pruning.values.allSatisfy(\.isEmpty))
            let first = try await store.release(ReleaseID("r1"))
            #expect(first != nil && first?.retiredAt == nil)
        }
    }

    @Test("is refused while a deployment is under way")
    func busy() async throws {
        try await Bench.run(manifest: Bench.manifest(approval: true)) { bench in
            let waiting = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada)
            _ = try await bench.waitForApproval(of: waiting.id)
            let failure = await #expect(throws: Failure.self) { try await bench.engine.prune(Bench.key) }
            #expect(failure?.code == .conflict)
            #expect(failure?.message.contains("d1 is under way") == true)
        }
    }

    // MARK: Help

    /// Newest first, one a day, 100 MiB each.
    private static func releases(_ count: Int) -> [Release] {
        (1...count).reversed()
            .map { number in
                var release = Release(
                    id: ReleaseID("r\(number)"),
                    environment: Bench.key,
                    commit: Commit(id: CommitID("c\(number)"), subject: "", author: "", committedAt: now),
                    manifest: Bench.manifest(),
                    createdAt: now - Double(count - number) * 86_400 - 60,
                    builtAt: now,
                )
                release.size = .mebibytes(100)
                return release
            }
    }

    private static func kept(
        _ policy: ReleasesManifest,
        _ releases: [Release],
        protected: [String: ReleaseRetention.Protection] = [:],
    ) -> [String] {
        ReleaseRetention(policy)
            .verdicts(
                on: releases,
                protected: Dictionary(protected.map { (ReleaseID($0.key), $0.value) }) { first, _ in first },
                at: now,
            )
            .filter { $0.removes == nil }.map(\.release.id.rawValue)
    }
}
