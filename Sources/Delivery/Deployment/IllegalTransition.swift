// SPDX-License-Identifier: Apache-2.0

/// An event that has no meaning in a phase; nothing has changed.
public struct IllegalTransition: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where the deployment is.
    public let phase: Phase
    /// What was said to have happened.
    public let event: DeploymentEvent

    /// Both, for logs.
    public var description: String { "\(event) means nothing while \(phase)" }
}
