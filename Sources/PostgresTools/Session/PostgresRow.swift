// SPDX-License-Identifier: Apache-2.0

/// One row of a result, as text.
public struct PostgresRow: Hashable, Sendable {
    /// Its values, in the order of the columns; nil where SQL says NULL.
    public let values: [String?]

    /// Wraps values.
    public init(values: [String?]) {
        self.values = values
    }

    /// The value in a column, from 0; empty for NULL and for a column that there is not.
    public subscript(column: Int) -> String {
        guard values.indices.contains(column) else { return "" }
        return values[column] ?? ""
    }

    /// The number in a column, from 0; nil when it is none.
    public func integer(_ column: Int) -> Int64? { Int64(self[column]) }

    /// Whether a column, from 0, holds `true`.
    public func isTrue(_ column: Int) -> Bool { self[column] == "t" }
}
