// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Everything that is known of one deployment: what it is, all that happened to it, and what visitors met before and after.
public struct DeploymentReport: Codable, Sendable, Hashable {
    /// Requests between two moments.
    public struct Period: Codable, Sendable, Hashable {
        /// When it began.
        public var from: Date
        /// When it ended; now when it goes on.
        public var to: Date
        /// Requests of all slots together.
        public var traffic: TrafficView
        /// Whether the edge was started anew in between, so that there were more.
        public var isPartial: Bool

        /// Describes a period.
        public init(from: Date, to: Date, traffic: TrafficView, isPartial: Bool) {
            self.from = from
            self.to = to
            self.traffic = traffic
            self.isPartial = isPartial
        }
    }

    /// What it is, and how it ended.
    public var deployment: DeploymentView
    /// Its journal, oldest first.
    public var journal: [JournalLine]
    /// From the end of the deployment before to the beginning of this one; absent when the edge could not tell.
    public var before: Period?
    /// From its end to the beginning of the next one, or to now; absent while it runs, and when the edge could not tell.
    public var after: Period?
    /// The end of the log of each of its instances, as long as it is kept.
    public var logs: [LogView]

    /// Puts them together.
    public init(
        deployment: DeploymentView,
        journal: [JournalLine],
        before: Period? = nil,
        after: Period? = nil,
        logs: [LogView] = [],
    ) {
        self.deployment = deployment
        self.journal = journal
        self.before = before
        self.after = after
        self.logs = logs
    }
}
