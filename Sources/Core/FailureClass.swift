// SPDX-License-Identifier: Apache-2.0

/// What kind of trouble a failure is; decides the command line's exit code and the HTTP status.
public enum FailureClass: String, Hashable, Sendable, CaseIterable {
    /// The work was done and the answer is no: a gate, a build, a deployment failed.
    case refuted
    /// The call is wrong.
    case invalid
    /// The named thing does not exist.
    case notFound
    /// The thing's state does not allow the call.
    case conflict
    /// No token or a wrong one.
    case unauthorized
    /// The other side does not answer.
    case unreachable
    /// The machine lacks something: a program, disk, a port, readable state.
    case machine
    /// Nobody thought of it.
    case unexpected

    /// The command line's exit code; listed in docs/CLI.md.
    public var exitCode: Int32 {
        switch self {
        case .refuted: 1
        case .invalid: 2
        case .notFound: 3
        case .conflict: 4
        case .unauthorized: 5
        case .unreachable: 6
        case .machine: 7
        case .unexpected: 70
        }
    }

    /// The HTTP status of a problem document.
    public var httpStatus: Int {
        switch self {
        case .refuted: 422
        case .invalid: 400
        case .notFound: 404
        case .conflict: 409
        case .unauthorized: 401
        case .unreachable: 502
        case .machine: 503
        case .unexpected: 500
        }
    }
}

extension Failure.Code {
    /// What kind of trouble this is.
    public var kind: FailureClass {
        switch self {
        case .gateFailed, .gateInconclusive, .buildFailed, .serviceExited, .migrationFailed,
            .strayMigrations, .backupFailed, .imageFailed, .deploymentFailed, .programFailed:
            .refuted
        case .invalid, .invalidManifest: .invalid
        case .notFound: .notFound
        case .conflict, .cancelled, .leaseHeld, .staleLease: .conflict
        case .unauthorized: .unauthorized
        case .unreachable, .deadlineExceeded: .unreachable
        case .missingProgram, .portTaken, .diskFull, .memoryLow, .damagedState, .stateLocked, .edgeFailed,
            .engineFailed:
            .machine
        default: .unexpected
        }
    }
}
