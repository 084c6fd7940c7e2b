// SPDX-License-Identifier: Apache-2.0
import Core
public import DataSafety

/// What folders and Redis servers have in place of tables; nobody may come to it.
public struct NoTables: TableRestorer {
    /// Nothing.
    public init() {}

    /// Throws `unexpected`.
    public func restore(
        _ table: RestoredTable,
        into database: DatabaseTarget,
        from feed: DumpFeed,
    ) async throws -> (table: String, columns: String) {
        throw Failure(.unexpected, "a table was asked for")
    }
}
