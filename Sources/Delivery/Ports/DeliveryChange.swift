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
