// SPDX-License-Identifier: Apache-2.0
import Core

/// Puts one database of a server in the place of another.
public protocol DatabaseExchange: Sendable {
    /// Gives a copy what belongs to the database and is not in its contents: owner, privileges, settings. From then on nobody but
    /// OpsHub gets into it.
    ///
    /// - Parameters:
    ///   - copy: What becomes like the database.
    ///   - database: What it shall be like.
    ///   - masking: SQL that its owner runs in it before; nil for none.
    /// - Throws: `invalid` for SQL that can't be run, with its line.
    func dress(_ copy: ScratchDatabase, like database: DatabaseTarget, masking: String?) async throws

    /// Keeps everybody but OpsHub out of a database, and ends who is in it. Idempotent.
    func shut(_ database: DatabaseTarget) async throws

    /// Lets everybody in again who could get in before ``shut(_:)``. Idempotent.
    func open(_ database: DatabaseTarget) async throws

    /// Gives a database's name to `copy`, and the name `kept` to the database, both or neither; then everybody gets into the one,
    /// and nobody but OpsHub into the other.
    ///
    /// Idempotent: where `copy` is gone and `kept` is there, it is done.
    ///
    /// - Throws: `not-found` without a copy, `conflict` when somebody can't be kept out.
    func exchange(_ database: DatabaseTarget, with copy: String, keeping kept: String) async throws

    /// The names of the databases on the server of an accessory that are OpsHub's own, in order; nil when it does not run.
    func names(beside database: DatabaseTarget) async throws -> [String]?

    /// What was written to a database, as its server has counted it, and how its objects are defined.
    func present(_ database: DatabaseTarget) async throws -> (WriteCounters, definitions: [String: String])
}
