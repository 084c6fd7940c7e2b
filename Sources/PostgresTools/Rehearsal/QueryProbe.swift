// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// Asks a server whether it understands queries as its tables are now, without running one.
///
/// `PREPARE` looks up every table, column, function and operator, and the types of all of them; planning it with `EXPLAIN` finds the
/// index that an `ON CONFLICT` names, and whether the role may. Neither reads a row.
struct QueryProbe {
    /// In the copy, as the role that applications have; in a transaction or not.
    let session: PostgresSession

    /// What it says to those that it does not understand, by their place; nil when this can't be found out now.
    func refusals(of queries: [Int: RecordedQuery]) async throws -> [Int: String]? {
        guard !queries.isEmpty else { return [:] }
        let isWithin: Bool
        do {
            try await session.query("SAVEPOINT opshub_queries")
            isWithin = true
        } catch let error as PostgresError where error.sqlState == "25P01" {
            try await session.query("BEGIN")
            isWithin = false
        } catch let error as PostgresError where !error.isUnavailable {
            // What failed before has ended the transaction.
            return nil
        }
        // What a migration sets for itself, an application's sessions don't have.
        for setting in ["search_path TO DEFAULT", "ROLE NONE", "plan_cache_mode TO force_generic_plan"] {
            try await session.query("SET LOCAL \(setting)")
        }
        try await session.query("SAVEPOINT opshub_query")
        let refusals = try await probe(queries)
        try await session.query(isWithin ? "ROLLBACK TO SAVEPOINT opshub_queries" : "ROLLBACK")
        if isWithin { try await session.query("RELEASE SAVEPOINT opshub_queries") }
        return refusals
    }

    private func probe(_ queries: [Int: RecordedQuery]) async throws -> [Int: String]? {
        var refusals: [Int: String] = [:]
        for (place, query) in queries.sorted(by: { $0.key < $1.key }) {
            do {
                try await session.query("PREPARE opshub_query AS \(query.text)")
                let values = Array(repeating: "NULL", count: Self.places(in: query.text))
                    .joined(separator: ", ")
                try await session.query(
                    "EXPLAIN EXECUTE opshub_query" + (values.isEmpty ? "" : "(\(values))")
                )
                try await session.query("DEALLOCATE opshub_query")
            } catch let error as PostgresError where !error.isUnavailable {
                try await session.query("ROLLBACK TO SAVEPOINT opshub_query")
                // It outlives what prepared it.
                if try await !session.query("SELECT FROM pg_prepared_statements WHERE name = 'opshub_query'")
                    .isEmpty
                {
                    try await session.query("DEALLOCATE opshub_query")
                }
                // Another session of the rehearsal has the table; each would be waited for in vain.
                guard !error.isLockTimeout else { return nil }
                refusals[place] = error.message
            }
        }
        return refusals
    }

    /// How many values it has places for: `$1` … `$3` are 3.
    static func places(in text: String) -> Int {
        text.split(separator: "$", omittingEmptySubsequences: false).dropFirst()
            .compactMap { Int($0.prefix { $0.isASCII && $0.isNumber }) }.max() ?? 0
    }
}
