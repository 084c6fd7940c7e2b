// SPDX-License-Identifier: Apache-2.0

/// An answer of the runtime socket in columns: `show stat` (commas) or `show servers state` (blanks).
struct StatTable {
    /// One line, by column name.
    struct Row {
        fileprivate let columns: [String: Int]
        fileprivate let cells: [Substring]

        /// A cell's text; empty when the column is missing.
        subscript(_ column: String) -> Substring {
            guard let index = columns[column], index < cells.count else { return "" }
            return cells[index]
        }

        /// A cell's number; 0 when it is empty.
        func number(_ column: String) -> Int { Int(self[column]) ?? 0 }
    }

    let rows: [Row]

    /// Reads an answer whose line of column names begins with `# `.
    init(_ text: String, separator: Character) {
        let lines = text.split(separator: "\n").drop { !$0.hasPrefix("# ") }
        let names = (lines.first ?? "").dropFirst(2).split(separator: separator)
        let columns = Dictionary(zip(names.map(String.init), names.indices)) { first, _ in first }
        rows = lines.dropFirst()
            .map { line in
                Row(
                    columns: columns,
                    cells: line.split(separator: separator, omittingEmptySubsequences: false),
                )
            }
    }
}
