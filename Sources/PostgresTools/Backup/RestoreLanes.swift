// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials

/// Which rows of an archive are restored beside which others.
struct RestoreLanes: Hashable {
    /// Together everything that belongs to rows; none where there is too little to divide, or nobody knows how much there is.
    let lanes: [RestoreLane]

    /// Divides what is large enough to be worth it among the processors.
    ///
    /// - Parameters:
    ///   - outline: The archive.
    ///   - tables: What was dumped, and where in the archive each table's rows lie.
    ///   - most: How many lanes at most.
    init(_ outline: ArchiveOutline, of tables: [String: TableFingerprint], most: Int = Self.most) {
        let data = outline.entries.filter(\.isData)
        let places = data.map { entry -> Range<Int64>? in
            let name = entry.kind == "BLOBS" ? DatabaseFingerprint.largeObjects : entry.name
            // Whoever wrote a manifest may have written anything.
            return tables[name]?.place.map { $0.clamped(to: Int64(outline.bytes.count)..<1 << 50) }
        }
        // However many there are, together they are still a number.
        let sizes = places.map { min($0.map(\.size) ?? 0, 1 << 40) }
        guard sizes.reduce(0, +) >= Self.worthwhile else {
            lanes = []
            return
        }
        var (loads, chosen) = ([Int64](repeating: 0, count: most), [Int: Int]())
        // The largest first, each to whoever has least.
        for index in data.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) }) {
            let lane = loads.indices.min { (loads[$0], $0) < (loads[$1], $1) } ?? 0
            loads[lane] += sizes[index]
            chosen[index] = lane
        }
        lanes = loads.indices
            .map { lane in
                var made = RestoreLane()
                for index in data.indices where chosen[index] == lane {
                    made.add(data[index], places[index])
                }
                made.sort()
                return made
            }
            .filter { $0 != RestoreLane() }
    }

    /// Each keeps a processor of its own busy.
    static let most = min(ProcessInfo.processInfo.activeProcessorCount, 4)
    /// Beside an application that serves, which keeps a processor.
    static let mostBesideOthers = max(1, min(ProcessInfo.processInfo.activeProcessorCount - 1, 4))
    /// In bytes: less is restored before a second lane has begun.
    static let worthwhile: Int64 = 32 << 20
}

/// What is restored one after another.
struct RestoreLane: Hashable {
    /// A table that a session can fill.
    struct Table: Hashable {
        /// Its line of the table of contents.
        let entry: ArchiveEntry
        /// How it is filled.
        let copy: CopyStatement
        /// Where in the archive its rows lie.
        let place: Range<Int64>
    }

    /// In the order in which they lie in the archive.
    private(set) var tables: [Table] = []
    /// Statements that set sequences to where they were.
    private(set) var sequences: [String] = []
    /// What only `pg_restore` can restore: numbers of lines, in their order.
    private(set) var others: [Int] = []
    /// Where the first of those lies that have a place; nil when none has.
    private(set) var othersBegin: Int64?

    /// Takes a line of the table of contents that is about rows.
    mutating func add(_ entry: ArchiveEntry, _ place: Range<Int64>?) {
        if entry.kind == "TABLE DATA", let place, !place.isEmpty, let copy = CopyStatement(entry) {
            tables.append(Table(entry: entry, copy: copy, place: place))
        } else if entry.kind == "SEQUENCE SET", !entry.statement.contains("\u{FFFD}") {
            sequences.append(entry.statement)
        } else {
            others.append(entry.id)
            if let place { othersBegin = min(othersBegin ?? place.lowerBound, place.lowerBound) }
        }
    }

    /// Puts tables in their order.
    mutating func sort() { tables.sort { $0.place.lowerBound < $1.place.lowerBound } }

    /// Tables that are read without anything in between that is worth leaving out.
    var runs: [ArraySlice<Table>] {
        var (runs, begin) = ([ArraySlice<Table>](), 0)
        for index in tables.indices.dropFirst()
        where tables[index].place.lowerBound - tables[index - 1].place.upperBound > Self.worthLeavingOut {
            runs.append(tables[begin..<index])
            begin = index
        }
        return tables.isEmpty ? [] : runs + [tables[begin...]]
    }

    /// In bytes: to begin anew costs about as much as to read half of it.
    private static let worthLeavingOut: Int64 = 32 << 20
}

/// What fills a table: `COPY public.shipments (id, notes)`, and what it reads or writes.
struct CopyStatement: Hashable {
    private let table: String
    /// Its columns: `id, notes`.
    private let columns: Substring

    /// Of a line of the table of contents; nil for one that is not as `pg_dump` writes it, or not UTF-8.
    init?(_ entry: ArchiveEntry) {
        let end = " FROM stdin;\n"
        guard entry.copy.hasPrefix("COPY "), entry.copy.hasSuffix(end), !entry.copy.contains("\u{FFFD}")
        else { return nil }
        table = String(entry.copy.dropLast(end.count))
        // A bracket in a name is in quotes, and a quote in a name is two.
        var isQuoted = false
        let list = table.unicodeScalars.drop { scalar in
            if scalar == "\"" { isQuoted.toggle() }
            return isQuoted || scalar != "("
        }
        columns = Substring(list.dropFirst().dropLast())
    }

    /// Fills it.
    var filling: String { "\(table) FROM STDIN" }
    /// Fills it in the transaction in which it was emptied.
    var freezing: String { "\(table) FROM STDIN WITH (FREEZE)" }
    /// Reads it.
    var reading: String { "\(table) TO STDOUT" }

    /// Reads what is in some of its blocks, to the end when there is none.
    func reading(of entry: ArchiveEntry, from begin: Int64, to end: Int64?) -> String {
        let before = end.map { " AND ctid < '(\($0),0)'" } ?? ""
        return
            "COPY (SELECT \(columns) FROM ONLY \(entry.sqlName) WHERE ctid >= '(\(begin),0)'\(before)) TO STDOUT"
    }
}

extension ArchiveEntry {
    /// Whether it is about what objects hold: `pg_restore --section=data`.
    var isData: Bool { section == 3 }

    /// As any statement may name it.
    var sqlName: String { "\(SQLName.quoted(namespace)).\(SQLName.quoted(tag))" }
}

extension Range<Int64> {
    /// How many bytes it has.
    var size: Int64 { upperBound - lowerBound }
}
