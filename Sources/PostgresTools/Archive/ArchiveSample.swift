// SPDX-License-Identifier: Apache-2.0

/// The first rows of each table of an archive that goes by, as COPY has them.
struct ArchiveSample {
    /// The rows of one table.
    struct Table {
        /// `public.shipments`, quoted where SQL needs it.
        let name: String
        /// What fills it: `COPY public.shipments (id, notes) FROM stdin;`.
        let copy: String
        /// Whole lines.
        fileprivate(set) var rows: [UInt8] = []
        fileprivate(set) var count: Int64 = 0
        /// Whether there are more than these.
        fileprivate(set) var isCut = false

        /// What fills it, without what ends it in a script.
        var statement: Substring {
            copy.ranges(of: " FROM stdin;").last.map { copy[..<$0.upperBound].dropLast() } ?? copy[...]
        }
    }

    /// By the number of their data.
    private(set) var tables: [Int: Table] = [:]
    private var current: Int?

    /// Enough to show what happens to rows.
    private static let mostRows: Int64 = 1000
    private static let mostBytes = 1 << 20
    /// Of all tables together.
    private static let mostMemory = 64 << 20
    private var left = Self.mostMemory

    /// Takes a line of the table of contents.
    mutating func add(_ entry: ArchiveEntry) {
        guard entry.kind == "TABLE DATA" else { return }
        tables[entry.id] = Table(name: entry.quotedName, copy: entry.copy)
    }

    /// The data of a table begin.
    mutating func begin(_ id: Int) { current = tables[id] == nil ? nil : id }

    /// Takes rows, whole or not.
    mutating func add(_ bytes: ArraySlice<UInt8>) {
        guard let current, var table = tables[current], !table.isCut else { return }
        guard table.count < Self.mostRows, table.rows.count + bytes.count <= Self.mostBytes,
            bytes.count <= left
        else {
            table.isCut = true
            // Not half a row.
            let end = table.rows.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            table.rows.removeSubrange(end...)
            tables[current] = table
            return
        }
        left -= bytes.count
        // Not a second owner of the rows while they grow.
        tables[current] = nil
        table.rows += bytes
        table.count += bytes.last == UInt8(ascii: "\n") ? 1 : 0
        tables[current] = table
    }
}
