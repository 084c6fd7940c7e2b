// SPDX-License-Identifier: Apache-2.0

/// Everything that is known of one deployment: what it is and all that happened to it.
public struct DeploymentReport: Codable, Sendable, Hashable {
    /// What it is, and how it ended.
    public var deployment: DeploymentView
    /// Its journal, oldest first.
    public var journal: [JournalLine]

    /// Puts the two together.
    public init(deployment: DeploymentView, journal: [JournalLine]) {
        self.deployment = deployment
        self.journal = journal
    }
}
