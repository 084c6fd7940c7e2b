// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// The right to drive one environment's deployments, until it runs out or somebody else may take it.
///
/// Its token fences: once a later lease of the same environment has been given, nothing is written with this one.
public struct Lease: Sendable, Hashable, Codable {
    /// The environment.
    public var environment: EnvironmentKey
    /// Grows with every claim of the environment.
    public var token: Int
    /// The control plane that has it.
    public var holder: String
    /// When it runs out unless it is renewed.
    public var until: Date

    /// Describes a lease.
    public init(environment: EnvironmentKey, token: Int, holder: String, until: Date) {
        self.environment = environment
        self.token = token
        self.holder = holder
        self.until = until
    }
}

extension Failure {
    /// A write with a lease that somebody has taken over.
    public static func stale(_ lease: Lease, current: Int) -> Failure {
        Failure(
            .staleLease,
            "another control plane drives \(lease.environment) now (lease \(current), ours was \(lease.token))",
            hint: "nothing was written; see which control planes run on this state",
        )
    }

    /// A claim of what somebody else has.
    public static func held(_ lease: Lease) -> Failure {
        Failure(
            .leaseHeld,
            "\(lease.holder) drives \(lease.environment) (lease \(lease.token))",
            hint: "it lets go when it has finished, or when it has not been heard of for a while",
            isRetryable: true,
        )
    }

    /// An order about a deployment that somebody drives already, or that is over.
    public static func notWaiting(_ deployment: DeploymentID) -> Failure {
        Failure(.conflict, "\(deployment) does not wait any more", hint: "opshub status")
    }
}
