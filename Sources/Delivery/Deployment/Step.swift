// SPDX-License-Identifier: Apache-2.0

/// One step of a deployment: it changes something and can be undone, or it is a gate that only measures.
public enum Step: Hashable, Sendable, Codable {
    /// Gate: programs, disk, ports and the manifest allow the deployment.
    case preflight
    /// Checks the commit out and runs the build commands.
    case build
    /// Gate: the test commands succeed.
    case test
    /// Works out what will happen and gives it a digest.
    case plan
    /// Gate: a person says yes to the plan.
    case approval
    /// Copies the database.
    case backup
    /// Gate: the copy restores.
    case drill
    /// Runs the new release's instances in the idle slot.
    case start
    /// Gate: every new instance answers its health check.
    case health
    /// Answers nobody, while the schema changes to one that what serves does not bear.
    case close
    /// Changes the schema.
    case migrate
    /// Takes migrations back.
    case revert
    /// Gate: every new instance still answers its health check.
    case healthAfterMigration
    /// Gate: the new release answers the smoke requests.
    case smoke
    /// Sends this percentage of new requests to the new release.
    case shift(percent: Int)
    /// Gate: real traffic keeps its budget while the new release has this percentage of new requests.
    case canary(percent: Int)
    /// Waits for the outgoing release's requests in flight.
    case drain
    /// Gate: real traffic keeps its budget for the whole window.
    case stability
    /// Gate: the public address answers.
    case external
    /// Brings data back beside the database.
    case restore
    /// Keeps writers out of the database.
    case shut
    /// Puts the data in the database's place.
    case exchange
    /// Starts the services that serve anew.
    case restart

    /// Whether the step only measures.
    public var isGate: Bool {
        switch self {
        case .preflight, .test, .approval, .drill, .health, .healthAfterMigration, .smoke, .canary,
            .stability, .external:
            true
        case .build, .plan, .backup, .start, .close, .migrate, .shift, .drain, .revert, .restore, .shut,
            .exchange,
            .restart:
            false
        }
    }

    /// Whether the step is a gate that watches real traffic, and may see too little of it.
    public var watchesTraffic: Bool {
        switch self {
        case .canary, .stability: true
        default: false
        }
    }

    /// Whether the step changes which data the release that serves has, or who may write them.
    public var replacesDatabase: Bool {
        switch self {
        case .restore, .shut, .exchange: true
        default: false
        }
    }

    /// Whether the step moves traffic.
    public var movesTraffic: Bool {
        if case .shift = self { true } else { false }
    }
}

extension Step: CustomStringConvertible {
    /// As people read it: `restore drill`, `switch`, `shift to 50%`.
    public var description: String {
        switch self {
        case .preflight: "preflight"
        case .build: "build"
        case .test: "test"
        case .plan: "plan"
        case .approval: "approval"
        case .backup: "backup"
        case .drill: "restore drill"
        case .start: "start"
        case .health: "health gate"
        case .close: "close to traffic"
        case .migrate: "migrate"
        case .revert: "take migrations back"
        case .healthAfterMigration: "health gate after migration"
        case .smoke: "smoke gate"
        case .shift(100): "switch"
        case .shift(let percent): "shift to \(percent)%"
        case .canary(let percent): "canary gate at \(percent)%"
        case .drain: "drain"
        case .stability: "stability gate"
        case .external: "external check"
        case .restore: "restore beside"
        case .shut: "keep writers out"
        case .exchange: "exchange databases"
        case .restart: "restart services"
        }
    }
}
