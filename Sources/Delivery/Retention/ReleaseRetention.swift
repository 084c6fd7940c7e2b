// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
public import Manifest

/// Which builds of an environment stay on the disk.
///
/// Only decides. Invariant 11: what serves, what is warm, what runs or is being deployed, and what a rollback would return to
/// is never given up, whatever the policy says.
public struct ReleaseRetention: Hashable, Sendable {
    /// What must not go, and why.
    public enum Protection: String, Sendable, Hashable, CaseIterable {
        /// It has the traffic.
        case serving
        /// It runs without traffic, so that going back takes no time.
        case warm
        /// A deployment works with it.
        case underWay = "under way"
        /// Instances of it run.
        case runs
        /// `opshub rollback` returns to it.
        case rollbackTarget = "rollback target"
    }

    /// The policy.
    public var policy: ReleasesManifest

    /// Retention by a policy.
    public init(_ policy: ReleasesManifest) {
        self.policy = policy
    }

    /// Decides on every release that has a build on the disk.
    ///
    /// - Parameters:
    ///   - releases: Those of one environment, newest first.
    ///   - protected: What must not go.
    ///   - now: The time of day. A release from the future is young.
    /// - Returns: One verdict per release, in their order.
    public func verdicts(
        on releases: [Release],
        protected: [ReleaseID: Protection],
        at now: Date,
    ) -> [ReleaseVerdict] {
        let built = releases.filter { $0.builtAt != nil && $0.retiredAt == nil }
        // What must stay takes its room first.
        var room = policy.maxSize.bytes
        for release in built where protected[release.id] != nil { room -= release.size?.bytes ?? 0 }
        return built.enumerated()
            .map { index, release in
                if let protection = protected[release.id] {
                    return ReleaseVerdict(release: release, keeps: protection.rawValue, removes: nil)
                }
                if index >= policy.keepLast {
                    return ReleaseVerdict(
                        release: release,
                        keeps: nil,
                        removes: "\(policy.keepLast) newer ones are kept",
                    )
                }
                if let days = policy.keepDays,
                    now.timeIntervalSince(release.createdAt) >= Double(days) * 86_400
                {
                    return ReleaseVerdict(release: release, keeps: nil, removes: "older than \(days) days")
                }
                room -= release.size?.bytes ?? 0
                guard room >= 0 else {
                    return ReleaseVerdict(
                        release: release,
                        keeps: nil,
                        removes: "all together take more than \(policy.maxSize)",
                    )
                }
                return ReleaseVerdict(
                    release: release,
                    keeps: "one of the last \(policy.keepLast)",
                    removes: nil,
                )
            }
    }
}

/// Whether a release's build stays on the disk, and why.
public struct ReleaseVerdict: Hashable, Sendable {
    /// The release.
    public var release: Release
    /// Why it stays; nil when it goes.
    public var keeps: String?
    /// Why it goes; nil when it stays.
    public var removes: String?

    /// Describes a verdict.
    public init(release: Release, keeps: String?, removes: String?) {
        self.release = release
        self.keeps = keeps
        self.removes = removes
    }
}
