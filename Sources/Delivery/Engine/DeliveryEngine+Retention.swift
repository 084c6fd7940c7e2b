// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Manifest

/// Builds that nobody needs any more go from the disk; what was done with them stays in the records.
extension DeliveryEngine {
    /// What would become of an environment's builds now; changes nothing.
    ///
    /// The policy is that of the release that serves, or of the newest one before any does.
    public func releaseVerdicts(of key: EnvironmentKey) async throws -> [ReleaseVerdict] {
        let releases = try await ports.records.releases(of: key, limit: 10_000)
        let record = try await ports.records.environment(key)
        let ruling = releases.first { $0.id == record?.serving?.release } ?? releases.first
        guard let policy = ruling?.manifest.environment(key.environment)?.releases else { return [] }
        let protected = try await protected(in: key, record)
        return ReleaseRetention(policy).verdicts(on: releases, protected: protected, at: ports.time.now)
    }

    /// Has an environment's builds looked through now, as they are after each deployment.
    ///
    /// - Returns: What was removed.
    /// - Throws: `conflict` while a deployment is under way: it may need what would go, and is followed by the same anyway; and
    ///   when nobody gets to it.
    public func prune(_ key: EnvironmentKey) async throws -> [ReleaseVerdict] {
        let busy = try await ports.records.unfinishedDeployments().first { $0.environment == key }
        if let busy {
            throw Failure(
                .conflict,
                "\(busy.id) is under way in \(key), and releases are removed after it anyway",
                hint: "look again once it is over: opshub prune --dry-run -e \(key.environment)",
            )
        }
        let due = try await releaseVerdicts(of: key).filter { $0.removes != nil }
        guard !due.isEmpty else { return [] }
        let own = UInt64.random(in: .min ... .max)
        pruning[key, default: []].insert(own)
        // Whoever does not wait any more wants nothing any more: the lane is not kept awake for it.
        defer { pruning[key]?.remove(own) }
        look(at: key)
        let begin = ports.time.uptime
        while pruning[key]?.contains(own) == true {
            guard ports.time.uptime - begin < .seconds(120) else {
                throw Failure(
                    .conflict,
                    "the releases of \(key) could not be looked through within 2 minutes",
                    hint: "see what keeps the environment: opshub status",
                    isRetryable: true,
                )
            }
            try await ports.time.sleep(for: settings.pollInterval)
        }
        var removed: [ReleaseVerdict] = []
        for verdict in due where try await ports.records.release(verdict.release.id)?.retiredAt != nil {
            removed.append(verdict)
        }
        return removed
    }

    /// Removes what is due, and what an earlier attempt has left.
    ///
    /// A release is written down as retired first: from then on nothing is started from it, whatever is left of its files.
    func removeReleases(of key: EnvironmentKey, _ lease: Lease) async throws {
        let waiting = pruning[key] ?? []
        defer { pruning[key]?.subtract(waiting) }
        for verdict in try await releaseVerdicts(of: key) where verdict.removes != nil {
            var release = verdict.release
            release.retiredAt = ports.time.now
            // No size says that its files are gone, and one from before sizes were kept has none.
            release.size = release.size ?? ByteCount(0)
            do {
                try await ports.ledger.commit(
                    DeliveryChange(release: release, at: ports.time.now),
                    lease: lease,
                )
            } catch let failure as Failure where failure.code == .conflict {
                continue  // Somebody wants it back at this moment.
            }
        }
        for var release in try await ports.records.releases(of: key, limit: 10_000)
        where release.retiredAt != nil && release.size != nil {
            try await ports.builds.discard(
                settings.layout.release(release.id.rawValue, of: key),
                of: key,
            )
            if release.images != nil { try await ports.images.drop(release.id, of: key) }
            release.size = nil
            try await ports.ledger.commit(
                DeliveryChange(release: release, at: ports.time.now),
                lease: lease,
            )
        }
    }

    private func protected(
        in key: EnvironmentKey,
        _ record: EnvironmentRecord?,
    ) async throws -> [ReleaseID: ReleaseRetention.Protection] {
        var protected: [ReleaseID: ReleaseRetention.Protection] = [:]
        for instance in try await ports.services.instances(of: key) { protected[instance.release] = .runs }
        for deployment in try await ports.records.unfinishedDeployments() where deployment.environment == key
        {
            protected[deployment.release] = .underWay
            if let outgoing = deployment.outgoing { protected[outgoing.release] = .underWay }
        }
        if let serving = record?.serving {
            if let target = try await rollbackTargetOfServing(serving.release, in: key) {
                protected[target] = .rollbackTarget
            }
            if let warm = record?.warm { protected[warm.release] = .warm }
            protected[serving.release] = .serving
        } else if let newest = try await ports.records.releases(of: key, limit: 1).first {
            protected[newest.id] = .underWay
        }
        return protected
    }

    /// Nil when nothing served before.
    private func rollbackTargetOfServing(
        _ serving: ReleaseID,
        in key: EnvironmentKey,
    ) async throws -> ReleaseID? {
        do {
            return try await predecessor(of: serving, in: key).id
        } catch let failure as Failure where failure.code == .notFound {
            return nil
        }
    }
}

extension Failure {
    /// A release whose build is gone.
    static func retired(_ release: Release, at moment: Date) -> Failure {
        Failure(
            .conflict,
            "the build of \(release.id) was removed from the disk \(moment.formatted(.iso8601)), as releases: in opshub.yml says",
            hint:
                "build it anew: opshub deploy -e \(release.environment.environment) --ref \(release.commit.id.short)",
        )
    }
}
