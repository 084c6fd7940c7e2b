// SPDX-License-Identifier: Apache-2.0
import Core

/// One table of an archive that goes by: how it was made, and its rows as COPY has them.
struct TableExtract {
    /// As fingerprints name it.
    let table: String
    /// Its line of the table of contents, and that of its rows.
    private var (definition, data): (ArchiveEntry?, ArchiveEntry?)
    private var rows: [UInt8] = []

    /// Of a table by its name.
    init(_ table: String) {
        self.table = table
    }

    /// Its name alone, as it is; nil until its definition has come.
    var tag: String? { definition?.tag }

    /// Takes a line of the table of contents.
    mutating func add(_ entry: ArchiveEntry) {
        guard entry.quotedName == table else { return }
        if entry.kind == "TABLE" { definition = entry }
        if entry.kind == "TABLE DATA" { data = entry }
    }

    /// Takes rows, whole or not.
    mutating func add(_ bytes: ArraySlice<UInt8>) { rows += bytes }

    /// The rows that came since this was asked last.
    mutating func take() -> [UInt8] {
        defer { rows = [] }
        return rows
    }

    /// How the table is made and filled under another name in its schema.
    ///
    /// - Parameter name: The new name; it is given the table's own.
    /// - Returns: The name as SQL writes it, `CREATE TABLE …`, and the columns of `COPY`.
    /// - Throws: `conflict` for one that has no rows of its own, or that is more than a table.
    func statements(
        as name: (String) -> String
    ) throws(Failure) -> (
        name: String, create: String, columns: String
    ) {
        // What follows sets how columns are stored and who sees which rows, of the table by its old name.
        guard let definition, let data,
            let statement = try? SQLScript.statements(definition.statement).first?.text,
            let end = statement.firstRange(of: " (\n"),
            let kind = ["CREATE TABLE ", "CREATE UNLOGGED TABLE "].first(where: { statement.hasPrefix($0) })
        else {
            throw Failure(
                .conflict,
                "\(table) is no table with rows of its own, so it can't come back by itself",
                hint: "restore the whole backup into another environment, and copy its rows from there",
            )
        }
        guard !statement.contains("\n)\nINHERITS (") else {
            throw Failure(
                .conflict,
                "\(table) inherits from another table, and a copy of it would show its rows there too",
                hint: "restore the whole backup into another environment, and copy its rows from there",
            )
        }
        let old = statement[..<end.lowerBound].dropFirst(kind.count)
        let made = "\(SQLName.quoted(definition.namespace)).\(SQLName.quoted(name(definition.tag)))"
        let copy = data.copy.dropFirst("COPY \(old) ".count).prefix { $0 != "\n" }
        guard data.copy.hasPrefix("COPY \(old) ("), let columns = copy.lastRange(of: ") FROM ") else {
            throw Failure(.conflict, "\(table) has no columns, so there is nothing to bring back")
        }
        return (
            made, kind + made + statement[end.lowerBound...],
            String(copy[..<columns.lowerBound].dropFirst()),
        )
    }
}

extension StringProtocol {
    /// Where the last of these begins and ends.
    fileprivate func lastRange(of text: String) -> Range<Index>? {
        ranges(of: text).last
    }
}
