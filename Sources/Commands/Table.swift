// SPDX-License-Identifier: Apache-2.0

/// Rows in aligned columns, for people.
struct Table {
    private let head: [String]
    private var rows: [[String]] = []

    init(_ head: String...) {
        self.init(head)
    }

    init(_ head: [String]) {
        self.head = head
    }

    mutating func add(_ cells: String...) {
        add(cells)
    }

    mutating func add(_ cells: [String]) {
        rows.append(cells)
    }

    /// Two spaces between columns, none at the ends of lines.
    var text: String {
        let all = [head] + rows
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return
            all.map { row in
                var line = zip(row, widths)
                    .map { cell, width in
                        cell + String(repeating: " ", count: max(0, width - cell.count))
                    }
                    .joined(separator: "  ")
                while line.last == " " { line.removeLast() }
                return line
            }
            .joined(separator: "\n")
    }
}
