// SPDX-License-Identifier: Apache-2.0
public import Core

/// Where a deployment is.
///
/// Everything that a restarted control plane needs to go on is in here.
public enum Phase: Hashable, Sendable, Codable {
    /// Waits for its environment to be free.
    case queued
    /// This step's effect runs; `next` follows it.
    case performing(Step, next: [Step], progress: Progress)
    /// The plan waits for a person.
    case awaitingApproval(PlanDigest, next: [Step], progress: Progress)
    /// The gate could not say, and a person is asked whether the release is kept; it is watched on meanwhile.
    case awaitingDecision(Step, Failure, next: [Step], progress: Progress)
    /// This step back runs; `next` follows it, then the verdict holds.
    case undoing(UndoStep, next: [UndoStep], attempt: Int, verdict: Verdict)
    /// It is over.
    case ended(Verdict)

    /// What has been begun so far, and so what must be undone.
    public struct Progress: Hashable, Sendable, Codable {
        /// Instances of the new release may run.
        public var mayRun: Bool
        /// The new release may have traffic.
        public var mayServe: Bool
        /// All traffic has been sent to the new release.
        public var hasSwitched: Bool

        /// Other data may be beside the database or in its place, and writers kept out.
        public var mayReplaceDatabase: Bool
        /// The schema may not be the one any more that what serves needs: migrations were taken back, or applied in maintenance.
        public var mayRevert: Bool
        /// Nobody may be served, since the schema changes to one that what serves does not bear.
        public var mayClose: Bool

        /// Describes progress; nothing has been begun by default.
        public init(
            mayRun: Bool = false,
            mayServe: Bool = false,
            hasSwitched: Bool = false,
            mayReplaceDatabase: Bool = false,
            mayRevert: Bool = false,
            mayClose: Bool = false,
        ) {
            self.mayRun = mayRun
            self.mayServe = mayServe
            self.hasSwitched = hasSwitched
            self.mayReplaceDatabase = mayReplaceDatabase
            self.mayRevert = mayRevert
            self.mayClose = mayClose
        }

        /// Reads what any version has written; the first ones knew nothing of data and schemas.
        public init(from decoder: any Decoder) throws {
            let object = try decoder.container(keyedBy: CodingKeys.self)
            mayRun = try object.decode(Bool.self, forKey: .mayRun)
            mayServe = try object.decode(Bool.self, forKey: .mayServe)
            hasSwitched = try object.decode(Bool.self, forKey: .hasSwitched)
            mayReplaceDatabase = try object.decodeIfPresent(Bool.self, forKey: .mayReplaceDatabase) ?? false
            mayRevert = try object.decodeIfPresent(Bool.self, forKey: .mayRevert) ?? false
            mayClose = try object.decodeIfPresent(Bool.self, forKey: .mayClose) ?? false
        }

        /// The steps back that this much progress needs, in order.
        public var undoing: [UndoStep] {
            guard !mayClose else { return undoingMaintenance }
            return (mayServe ? [.returnTraffic] : []) + (mayRevert ? [.returnSchema] : [])
                + (mayServe ? [.drainIncoming] : []) + (mayRun ? [.stopIncoming] : [])
                + (mayReplaceDatabase ? [.returnDatabase] : [])
        }

        /// What served before gets its requests only once it has its schema.
        private var undoingMaintenance: [UndoStep] {
            (mayServe ? [.close, .drainIncoming] : []) + (mayRun ? [.stopIncoming] : [])
                + (mayRevert ? [.returnSchema] : []) + [.returnTraffic]
        }

        /// Whether only the deployment itself can end what it has begun: nothing newer takes its place half-way.
        var isCommitted: Bool { hasSwitched || mayReplaceDatabase || mayRevert || mayClose }
    }

    /// Whether the new release may have traffic, or is giving it back; or nobody has any for its sake.
    public var mayServe: Bool {
        switch self {
        case .queued, .ended: false
        case .performing(_, _, let progress), .awaitingApproval(_, _, let progress),
            .awaitingDecision(_, _, _, let progress):
            progress.mayServe || progress.mayClose
        case .undoing(let step, let next, _, let verdict):
            (verdict.undone + [step] + next).contains(.returnTraffic)
        }
    }

    /// Whether nobody is to be served: maintenance has begun, and neither the new release nor the one before has all traffic yet.
    public var isInMaintenance: Bool {
        switch self {
        case .performing(_, _, let progress): progress.mayClose && !progress.hasSwitched
        // In any other way back traffic returns first.
        case .undoing(let step, let next, _, _): ([step] + next).last == .returnTraffic
        case .queued, .awaitingApproval, .awaitingDecision, .ended: false
        }
    }

    /// Whether the new release has had all traffic, and nothing is undone.
    public var hasSwitched: Bool {
        switch self {
        case .performing(_, _, let progress), .awaitingDecision(_, _, _, let progress): progress.hasSwitched
        case .queued, .awaitingApproval, .undoing, .ended: false
        }
    }

    /// The verdict, once it holds.
    public var verdict: Verdict? {
        if case .ended(let verdict) = self { verdict } else { nil }
    }
}
