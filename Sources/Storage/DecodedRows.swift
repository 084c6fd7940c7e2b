// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import GRDB
import Synchronization

/// Values of rows that were read before, so that a row is decoded once and not each time that somebody looks.
///
/// A row's bytes are still read from the database and compared: whatever writes there, this says what is there now.
final class DecodedRows<Value: Decodable & Sendable>: Sendable {
    private let limit: Int
    private let known = Mutex<[String: (data: Data, value: Value)]>([:])

    /// Remembers at most so many rows; when they are more, it begins anew.
    init(limit: Int) {
        self.limit = limit
    }

    /// The values of rows `id, value`, in their order.
    ///
    /// - Throws: `damaged-state` when one can't be read; it stays where it is.
    func all(
        _ database: Database,
        _ sql: String,
        _ arguments: StatementArguments = StatementArguments(),
    ) throws -> [Value] {
        try Row.fetchAll(database, sql: sql, arguments: arguments).map { try value(row: $0) }
    }

    private func value(row: Row) throws -> Value {
        let (id, data): (String, Data) = (row["id"], row["value"])
        if let known = known.withLock({ $0[id] }), known.data == data { return known.value }
        let value = try StoredValue.decode(Value.self, from: data)
        known.withLock { known in
            if known.count >= limit { known.removeAll(keepingCapacity: true) }
            known[id] = (data, value)
        }
        return value
    }
}
