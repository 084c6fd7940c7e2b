// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Finds which objects an archive that goes by has, how they are defined, and for each table how many rows and which.
struct ArchiveReader {
    private var walk = ArchiveWalk(Contents())

    /// What it takes out besides.
    var extract: TableExtract? {
        get { walk.visitor.extract }
        set { walk.visitor.extract = newValue }
    }

    /// The rows that it takes out of every table; nil for none.
    var sample: ArchiveSample? {
        get { walk.visitor.sample }
        set { walk.visitor.sample = newValue }
    }

    /// Whether every object's definition has come.
    var knowsObjects: Bool { walk.knowsObjects }

    /// Takes the next bytes.
    ///
    /// Throws `backup-failed` when they are not what the format says.
    mutating func read(_ bytes: [UInt8]) throws(Failure) { try walk.read(bytes) }

    /// What was in it; throws `backup-failed` when it ended too early.
    mutating func finish() throws(Failure) -> ArchiveContents {
        try walk.finish()
        return walk.visitor.contents
    }

    /// The rows of the extract that came since this was asked last.
    mutating func takeExtract() -> [UInt8] { walk.visitor.extract?.take() ?? [] }

    private struct Contents: ArchiveVisitor {
        var contents = ArchiveContents()
        var extract: TableExtract?
        var sample: ArchiveSample?
        private var tables: [Int: String] = [:]
        /// The table whose rows these are, and whether they are wanted; nil for large objects.
        private var current: (table: String?, isWanted: Bool)?
        private var begun: Int64 = 0
        private var rows = RowDigest()

        mutating func visit(_ entry: ArchiveEntry) {
            contents.add(entry)
            extract?.add(entry)
            sample?.add(entry)
            if entry.kind == "TABLE DATA" { tables[entry.id] = entry.name }
        }

        mutating func begin(_ data: ArchiveData, at place: Int64) {
            begun = place
            switch data {
            case .rows(let id):
                // Anything else with data, such as a comment on them, has none that count.
                let table = tables[id]
                sample?.begin(id)
                current = (table, table != nil && table == extract?.table)
                rows = RowDigest()
            case .object(let number):
                current = nil
                rows = RowDigest(object: number)
            }
        }

        mutating func take(_ buffer: [UInt8], _ range: Range<Int>) {
            guard let current else { return rows.add(piece: buffer, range) }
            rows.add(lines: buffer, range)
            if current.isWanted { extract?.add(buffer[range]) }
            sample?.add(buffer[range])
        }

        mutating func end(at place: Int64) {
            guard let current else { return contents.addLargeObject(rows, in: begun..<place) }
            guard let table = current.table else { return }
            contents.tables[table] = TableFingerprint(
                rows: rows.count,
                digest: rows.digest,
                place: begun..<place,
            )
        }
    }
}
