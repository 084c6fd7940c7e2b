// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Writes what happened to deployments, releases and environments, so that nothing is ever lost.
public protocol DeliveryLedger: Sendable {
    /// Takes the right to drive an environment: free, run out, or given to the same holder before.
    ///
    /// A holder's name stands for something of which there can only be one, such as a locked home: whoever claims under it
    /// takes over at once.
    ///
    /// - Throws: `lease-held` when somebody else has it.
    func claim(
        _ environment: EnvironmentKey,
        for holder: String,
        at now: Date,
        until: Date,
    ) async throws -> Lease

    /// Says that the holder lives. Throws `stale-lease` when somebody else has taken over.
    func renew(_ lease: Lease, until: Date) async throws

    /// Gives a lease back. Idempotent; one that is stale has been given back.
    func release(_ lease: Lease) async throws

    /// The next number of a sequence, from 1; a number is never given twice.
    func number(_ sequence: NumberSequence) async throws -> Int

    /// Writes a change of the lease's environment in one transaction: all of it, or nothing.
    ///
    /// - Returns: The journal lines as they were written, with their numbers.
    /// - Throws: `stale-lease` when somebody else has taken over, `conflict` when the deployment is over already, or when a
    ///   release is to be retired that an unfinished deployment works with.
    @discardableResult
    func commit(_ change: DeliveryChange, lease: Lease) async throws -> [JournalEntry]

    /// Writes a deployment that nobody drives, in one transaction: a new one, or what becomes of one that still waits in
    /// the queue. A release or an environment's record is only written when there is none.
    ///
    /// - Returns: The journal lines as they were written, with their numbers.
    /// - Throws: `conflict` when the deployment has begun or is over, when its release is retired, or when it is to heal and
    ///   another one of the environment is unfinished.
    @discardableResult
    func order(_ change: DeliveryChange) async throws -> [JournalEntry]

    /// Gives up whatever room on the disk is kept aside for the state: something else needs it more.
    func makeRoom() async

    /// Adds one line to a deployment's journal, for people to follow; nothing else changes.
    ///
    /// - Throws: `stale-lease` when somebody else has taken over.
    func tell(_ event: JournalEvent, of deployment: DeploymentID, at: Date, lease: Lease) async throws
}
