// SPDX-License-Identifier: Apache-2.0
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
}
