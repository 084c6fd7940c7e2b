// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import FoundationEssentials
import Synchronization

/// The outside world of deployments, in memory: says what is asked of it, and fails where a test tells it to.
///
/// It has a memory of its own, as the real one has: a control plane that starts again finds what an earlier one left.
public final class ScriptedWorld: Sendable {
    /// What is true of the world.
    public struct Facts: Sendable {
        /// Instances that run.
        public var instances: [InstanceID: InstanceStatus] = [:]
        /// Where the edge sends traffic.
        public var split: [EnvironmentKey: TrafficSplit] = [:]
        /// What the edge has in each slot.
        public var placements: [EnvironmentKey: [Slot: SlotPlacement]] = [:]
        /// What somebody has changed at the edge.
        public var deviations: [EnvironmentKey: [String]] = [:]
        /// What somebody has changed in folders of releases.
        public var alterations: [String] = []
        /// What looking at folders of releases fails with.
        public var lookFailure: Failure?
        /// Variables that somebody has changed for every instance.
        public var alteredVariables: [String] = []
        /// Requests answered so far.
        public var totals: [EnvironmentKey: [Slot: TrafficCounters.Totals]] = [:]
        /// Requests that arrive, and of those fail, at the serving slot whenever the counters are read.
        public var arrivals = TrafficCounters.Totals(served: 50, failed: 0)
        /// Everything that was done, in order, as `direct 100% green`.
        public var actions: [String] = []
        /// Failures to come, by the beginning of an action; each is used once.
        public var failures: [String: [Failure]] = [:]
        /// The status that a release's health check answers; 200 when not said.
        public var health: [ReleaseID: Int] = [:]
        /// Whether no connection from before a reload of the edge is left.
        public var isSettled = true
        /// Latency of what is answered, as the edge knows it; nil when nobody asked.
        public var latency: LatencySummary?
        /// Latency of what one slot answers, where it differs.
        public var latencies: [Slot: LatencySummary] = [:]
        /// Requests that fail besides, of those that arrive at a slot.
        public var failing: [Slot: Int] = [:]
        /// Room on the disk.
        public var disk = ByteCount.mebibytes(100_000)
        /// Memory that is left.
        public var memory = ByteCount.mebibytes(100_000)
        /// What every instance writes.
        public var log: [String] = []
        /// What instances use, each time that somebody looks; the last one for ever.
        public var residentMemory = [ByteCount.mebibytes(80)]
        /// What the edge says in place of a service, by host.
        public var edgeAnswers: [String: String] = [:]
        /// How often an instance with traffic falls ill and recovers, from one probe to the next.
        public var illAfterSwitch = 0
        /// Whether it is ill now.
        var isIll = false
        /// What health checks answer once the pending migrations are applied.
        public var healthAfterMigration: [ReleaseID: Int] = [:]
        /// Paths of files that every commit has.
        public var paths: [String] = []
        /// What is in some of them; the others hold the manifest.
        public var files: [String: String] = [:]
        /// What reading files of commits fails with; each is used once.
        public var readFailures: [Failure] = []
        /// Where branches point.
        public var heads: [String: CommitID] = [:]
        /// What asking for the project's remote fails with.
        public var remoteFailure: Failure?
        /// Branches that were to be moved, in order.
        public var moves: [String] = []
        /// Where the branches of the remote point; nil when the project follows none.
        public var remoteHeads: [String: CommitID]?
        /// Commits that are in no other commit's history.
        public var rewritten: Set<CommitID> = []
        /// Migrations that a release brings and that were not applied.
        public var pending: [PendingMigration] = []
        /// What each of them would mean.
        public var findings: [MigrationVerdict.Finding] = []
        /// What would be taken back of the schema.
        public var wayBack: [PendingMigration] = []
        /// What speaks against it.
        public var objections: [String] = []
        /// What each database beside another holds, and the one that serves: `tracehub`, `copy d2`, `kept by d2`.
        public var databases = ["tracehub": "present"]
        /// Whether nobody gets into the database.
        public var isShut = false
        /// Actions that never end until they are cancelled, by their beginning.
        public var hangs: Set<String> = []
    }

    private let facts = Mutex(Facts())
    /// The only project that has a repository.
    public let project: ProjectName

    /// A world where everything works.
    public init(project: ProjectName = ProjectName("tracehub")) {
        self.project = project
    }

    /// What is true now.
    public var now: Facts { facts.withLock { $0 } }

    /// Changes what is true.
    public func change(_ body: (inout sending Facts) -> Void) {
        facts.withLock { body(&$0) }
    }

    /// Writes an action down, and fails or hangs if told to.
    func act(_ action: String) async throws {
        change { $0.actions.append(action) }
        try await ask(action)
    }

    /// Fails or hangs if told to.
    func ask(_ action: String) async throws {
        let (failure, hangs) = facts.withLock { facts -> (Failure?, Bool) in
            let hangs = facts.hangs.contains { action.hasPrefix($0) }
            guard let key = facts.failures.keys.first(where: { action.hasPrefix($0) }),
                var queue = facts.failures[key], !queue.isEmpty
            else { return (nil, hangs) }
            let failure = queue.removeFirst()
            facts.failures[key] = queue.isEmpty ? nil : queue
            return (failure, hangs)
        }
        if hangs { try await ContinuousClock().sleep(for: .seconds(3600)) }
        if let failure { throw failure }
    }
}
