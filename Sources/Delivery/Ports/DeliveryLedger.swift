// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// Writes what happened to deployments, releases and environments, so that nothing is ever lost.
public protocol DeliveryLedger: Sendable {
    /// Takes over: every lease given earlier is worthless from now on, and its writes are refused.
    func takeLease() async throws -> Lease

    /// The next number of a sequence, from 1; a number is never given twice.
    func number(_ sequence: NumberSequence) async throws -> Int

    /// Writes a change in one transaction: all of it, or nothing.
    ///
    /// - Returns: The journal lines as they were written, with their numbers.
    /// - Throws: `stale-lease` when somebody else has taken over.
    @discardableResult
    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry]

    /// Gives up whatever room on the disk is kept aside for the state: something else needs it more.
    func makeRoom() async

    /// Adds one line to a deployment's journal, for people to follow; nothing else changes.
    ///
    /// - Throws: `stale-lease` when somebody else has taken over.
    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws
}

/// The right to drive deployments, until somebody else takes it.
public struct Lease: Sendable, Hashable, Codable {
    /// Grows with every taking over.
    public var token: Int

    /// Describes a lease.
    public init(token: Int) {
        self.token = token
    }
}

/// A sequence of numbers that names are made of.
public enum NumberSequence: String, Sendable, Hashable, CaseIterable {
    /// `d1`, `d2`, …
    case deployment
    /// `r1`, `r2`, …
    case release
    /// `b1`, `b2`, …
    case backup
}
