// SPDX-License-Identifier: Apache-2.0
import Core
public import Manifest

/// Everything that happens to an engine in one run: what is asked of it, and what goes wrong.
///
/// A seed makes one; a shrunk one can be written down as it is.
public struct Schedule: Sendable, Hashable {
    /// Decides the order of whatever happens at the same moment.
    public var seed: UInt64
    /// The project that is deployed.
    public var shape: Shape
    /// What people and the machine do, and when.
    public var happenings: [Happening]
    /// What goes wrong at which call to the outside world.
    public var faults: [Int: Fault]

    /// Describes a run.
    public init(seed: UInt64, shape: Shape = Shape(), happenings: [Happening], faults: [Int: Fault] = [:]) {
        self.seed = seed
        self.shape = shape
        self.happenings = happenings
        self.faults = faults
    }
}

/// What an environment's `opshub.yml` asks for, as far as it changes the course of a deployment.
public struct Shape: Sendable, Hashable {
    /// How traffic moves.
    public var strategy = EnvironmentManifest.Strategy.blueGreen
    /// How many instances.
    public var replicas = 1
    /// Whether a person must say yes.
    public var needsApproval = false
    /// How many people must.
    public var approvals = 1
    /// Whether pending migrations run before the release is started.
    public var migratesBeforeStart = false
    /// Whether every deployment makes a backup.
    public var alwaysBacksUp = false
    /// Whether nobody is served while migrations run.
    public var closesToMigrate = false
    /// How long a release is watched.
    public var window: Duration = .seconds(3)
    /// How long the outgoing release stays.
    public var keepWarm: Duration = .seconds(30)
    /// How many releases are kept on the disk.
    public var keepsReleases = 10
    /// Whether what serves is compared with its release; otherwise nobody changes it by hand either.
    public var watchesDrift = false
    /// Whether a person is asked of a release of which too little was seen, which happens easily then.
    public var asksWhenInDoubt = false
    /// Requests that arrive between two looks at the edge's counters.
    public var arrivals = 20

    /// A blue-green environment without approval, and what differs from it.
    public init(_ change: (inout Shape) -> Void = { _ in }) {
        change(&self)
    }
}

/// Something that people or the machine do at a moment.
public struct Happening: Sendable, Hashable {
    /// What happens.
    public enum Kind: Sendable, Hashable {
        /// A commit is pushed to the environment's branch.
        case push(CommitTraits)
        /// Somebody asks for the release before.
        case rollBack
        /// Somebody restores a backup into the environment.
        case restore
        /// Two people say yes to the plan that waits; with another plan's digest, and one of them being who asked for it, when
        /// it is not `isRight`.
        case approve(isRight: Bool)
        /// Somebody applies the pending migrations by hand.
        case schemaChanges
        /// Somebody takes back what was applied last, with the oldest release that can still be started or alone; or brings it again.
        case takesSchemaBack(withRelease: Bool)
        /// Somebody says no to the plan that waits.
        case reject
        /// Somebody stops the newest deployment.
        case cancel
        /// The control plane is killed, wherever it is, and started again.
        case kill
        /// The machine goes down with everything that runs on it, and comes back.
        case reboot
        /// An instance of the slot with traffic, or of the other one, ends by itself.
        case instanceExits(serving: Bool)
        /// Somebody stops an instance of the release that serves.
        case stopsInstance
        /// Somebody changes where the edge's routes lead.
        case changesEdge
        /// Somebody sets the clock.
        case clockJumps(Duration)
    }

    /// Since the beginning.
    public var at: Duration
    /// What.
    public var kind: Kind

    /// Describes a happening.
    public init(at: Duration, _ kind: Kind) {
        self.at = at
        self.kind = kind
    }
}

/// What is the matter with a commit.
public struct CommitTraits: Sendable, Hashable {
    /// Its instances answer their health check.
    public var isHealthy: Bool
    /// It answers what real clients ask.
    public var servesWell: Bool
    /// It brings a schema change.
    public var migrates: Bool

    /// Describes a commit; nothing is the matter by default.
    public init(isHealthy: Bool = true, servesWell: Bool = true, migrates: Bool = false) {
        self.isHealthy = isHealthy
        self.servesWell = servesWell
        self.migrates = migrates
    }
}

/// What goes wrong at one call to the outside world.
public enum Fault: Sendable, Hashable {
    /// The control plane dies before the call reaches the world.
    case crashBefore
    /// It dies after the call took effect and before it hears of that.
    case crashAfter
    /// The call fails and has changed nothing.
    case fails
    /// The call took effect, and its answer is lost.
    case losesAnswer
    /// The call takes its time: others overtake it.
    case isLate(Duration)
    /// The call takes effect twice.
    case repeats
    /// The control plane stops for a while before the call, and another one is started in its place.
    case pausesBefore(Duration)
}
