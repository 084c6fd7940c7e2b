// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What changes together.
public struct DeliveryChange: Sendable, Hashable {
    /// A release, new or with another state.
    public var release: Release?
    /// A deployment, new or with another phase.
    public var deployment: Deployment?
    /// Who serves an environment now.
    public var environment: EnvironmentRecord?
    /// Lines for the deployment's journal.
    public var journal: [JournalEvent]
    /// When all this happened.
    public var at: Date

    /// Describes a change.
    public init(
        release: Release? = nil,
        deployment: Deployment? = nil,
        environment: EnvironmentRecord? = nil,
        journal: [JournalEvent] = [],
        at: Date,
    ) {
        self.release = release
        self.deployment = deployment
        self.environment = environment
        self.journal = journal
        self.at = at
    }

    /// Looks whether a release is to be given up that somebody works with.
    ///
    /// - Parameters:
    ///   - stored: The release as it is.
    ///   - unfinished: Deployments that are not over.
    /// - Throws: `conflict` when it is.
    public func checkRetirement(stored: Release?, unfinished: [Deployment]) throws(Failure) {
        guard let release, release.retiredAt != nil, stored?.retiredAt == nil,
            let user = unfinished.first(where: {
                $0.release == release.id || $0.outgoing?.release == release.id
            })
        else { return }
        throw Failure(.conflict, "\(user.id) works with \(release.id), whose build was to be removed")
    }

    /// Looks whether the deployment may be asked for.
    ///
    /// - Parameters:
    ///   - stored: Its release as it is; nil when it is new.
    ///   - unfinished: Deployments that are not over.
    /// - Throws: `conflict` when its release is retired, or when it is to heal and would supersede another.
    public func checkOrder(stored: Release?, unfinished: [Deployment]) throws(Failure) {
        guard let deployment, !deployment.isOver else { return }
        if let stored, let retiredAt = stored.retiredAt { throw Failure.retired(stored, at: retiredAt) }
        guard deployment.requester.channel == .healing,
            let other = unfinished.first(where: {
                $0.environment == deployment.environment && $0.id != deployment.id
            })
        else { return }
        throw Failure(.conflict, "\(other.id) is under way, and is not superseded to put anything right")
    }

    /// Throws `unexpected` unless everything that changes is of the lease's environment.
    public func check(against lease: Lease) throws(Failure) {
        let changed = [release?.environment, deployment?.environment, environment?.key].compactMap(\.self)
        guard let other = changed.first(where: { $0 != lease.environment }) else { return }
        throw Failure(
            .unexpected,
            "a change of \(other) was to be written with a lease of \(lease.environment)",
        )
    }
}
