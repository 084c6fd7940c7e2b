// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials

/// Takes orders, and drives every environment's deployments one at a time until it is cancelled.
public actor DeliveryEngine {
    let ports: DeliveryPorts
    let settings: DeliverySettings
    let report: @Sendable (EnvironmentKey, Failure) -> Void
    private let wakes: AsyncStream<Wake>
    private let wake: AsyncStream<Wake>.Continuation
    /// Environments whose lane is being driven; true when it must look once more before it ends.
    var lanes: [EnvironmentKey: Bool] = [:]
    var mailboxes: [DeploymentID: Mailbox] = [:]
    /// Who waits for an environment's builds to be looked through, each by a number of its own.
    var pruning: [EnvironmentKey: Set<UInt64>] = [:]
    /// Environments of which not everything was started again that should run, and why: somebody else drove them, or it failed.
    var unreturned: [EnvironmentKey: Failure] = [:]
    /// What is known of drift.
    var drifts: [EnvironmentKey: DriftState] = [:]
    /// The deployments that brought what serves; they change no more.
    var contexts: [EnvironmentKey: (Placement, StepContext)] = [:]
    /// What is known of remotes.
    var remotes: [ProjectName: RemoteState] = [:]
    /// Projects whose remote is looked at again and again.
    var following: Set<ProjectName> = []
    /// Projects whose remote is being looked at.
    var syncing: Set<ProjectName> = []
    /// Where environments should be, by the heads of branches as they were last seen.
    var desired: [EnvironmentKey: Desired] = [:]
    /// Heads that can't be deployed anywhere.
    var refused: [ProjectName: [String: Failure]] = [:]

    /// What must be looked at.
    private enum Wake: Sendable {
        case lane(EnvironmentKey)
        case remote(ProjectName)
    }

    /// An engine that drives in this world.
    ///
    /// - Parameters:
    ///   - ports: The outside world.
    ///   - settings: What the installation decides.
    ///   - report: Told when a lane can't be driven, which no deployment's journal can tell.
    public init(
        ports: DeliveryPorts,
        settings: DeliverySettings,
        report: @escaping @Sendable (EnvironmentKey, Failure) -> Void,
    ) {
        self.ports = ports
        self.settings = settings
        self.report = report
        (wakes, wake) = AsyncStream.makeStream()
    }

    /// Brings back what served, resumes what is unfinished, then drives what is asked for.
    ///
    /// Returns when the task is cancelled, leaving every deployment where it is.
    public func run() async throws {
        try await returnAfterReboot()
        for deployment in try await ports.records.unfinishedDeployments() {
            wake.yield(.lane(deployment.environment))
        }
        for project in try await ports.sources.projects() { lookAt(project) }
        await withDiscardingTaskGroup { group in
            group.addTask(name: "missed pushes") { await self.keepUpWithHeads() }
            group.addTask(name: "drift") { await self.watchDrift() }
            group.addTask(name: "clock of the lanes") { await self.wakeLanes() }
            for await next in wakes {
                switch next {
                case .lane(let key) where enter(key):
                    group.addTask(name: "lane \(key)") { await self.drive(key) }
                case .remote(let project) where following.insert(project).inserted:
                    group.addTask(name: "remote of \(project)") { await self.keepUp(with: project) }
                default: continue
                }
            }
            group.cancelAll()
        }
    }

    /// Lets a lane look for work.
    func look(at key: EnvironmentKey) {
        wake.yield(.lane(key))
    }

    /// Begins to look at a project's remote again and again, if it has one.
    func lookAt(_ project: ProjectName) {
        wake.yield(.remote(project))
    }

    /// Hands an event to a deployment that is being driven.
    ///
    /// - Throws: `conflict` when it means nothing now, or when nobody drives the deployment.
    func deliver(_ event: DeploymentEvent, approval: Approval? = nil, to id: DeploymentID) async throws {
        guard let mailbox = mailboxes[id] else {
            throw Failure(
                .conflict,
                "nothing drives \(id) at this moment",
                hint: "opshub status, then try again",
            )
        }
        let refusal = await withCheckedContinuation { continuation in
            mailbox.post(
                Mailbox.Letter(event: event, approval: approval) { continuation.resume(returning: $0) }
            )
        }
        if let refusal { throw refusal }
    }
}

extension EnvironmentKey {
    /// Stands for all of them, in reports.
    static let everywhere = EnvironmentKey(ProjectName("*"), EnvironmentName("*"))
}

extension Failure {
    /// Why an older deployment ends when a newer one comes.
    static func superseded(by newer: DeploymentID) -> Failure {
        Failure(.conflict, "\(newer) is newer and took its place", hint: "opshub status shows what serves")
    }
}
