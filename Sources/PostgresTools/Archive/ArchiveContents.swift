// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety

/// What an archive holds.
struct ArchiveContents: Hashable {
    /// The digest of each object's definition, by kind and name: `INDEX public.ix_shipments_reference`.
    private(set) var definitions: [String: String] = [:]
    /// The same of tables, whatever order their columns are in: a column that was dropped and came back is the last one.
    private(set) var unordered: [String: String] = [:]
    /// The tablespaces that objects lie in, besides the standard one.
    private(set) var tablespaces: Set<String> = []
    /// What is in each table, by name: `public.shipments`.
    var tables: [String: TableFingerprint] = [:]
    /// Where each sequence stands.
    private(set) var sequences: [String: SequenceFingerprint] = [:]

    /// Of the database itself and of how it is read, which a copy has otherwise; of data; and what a dump of the schema alone lacks.
    private static let passedOver: Set = [
        "ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE", "DATABASE PROPERTIES", "TABLE DATA", "BLOBS",
        "BLOB",
        "BLOB METADATA", "MATERIALIZED VIEW DATA",
        // A copy that subscribed would take what belongs to the original.
        "SUBSCRIPTION", "SUBSCRIPTION TABLE",
    ]

    /// Takes a line of the table of contents.
    mutating func add(_ entry: ArchiveEntry) {
        if !entry.tablespace.isEmpty, !entry.tablespace.hasPrefix("pg_") {
            tablespaces.insert(entry.tablespace)
        }
        if entry.kind == "SEQUENCE SET" {
            sequences[entry.name] = SequenceFingerprint(Self.position(entry.definition))
            return
        }
        // What is said of the database by name: its comment, its privileges.
        guard !Self.passedOver.contains(entry.kind), !entry.name.hasPrefix("DATABASE "),
            !entry.name.hasPrefix("SUBSCRIPTION "), !entry.name.hasPrefix("LARGE OBJECT")
        else { return }
        let (key, text) = ("\(entry.kind) \(entry.name)", DefinitionText.canonical(entry.definition))
        definitions[key, default: ""] += Self.digest(text, entry.owner)
        guard entry.kind == "TABLE" else { return }
        let lines = text.split(separator: "\n").map { $0.hasSuffix(",") ? $0.dropLast() : $0 }.sorted()
        unordered[key] = Self.digest(lines.joined(separator: "\n"), entry.owner)
    }

    private static func digest(_ text: String, _ owner: String) -> String {
        SHA256.hash(data: Array("\(text)\n\(owner)".utf8)).prefix(12).hexadecimal
    }

    /// Takes a large object that was read to its end, and where it lies in its block.
    mutating func addLargeObject(_ rows: RowDigest, in place: Range<Int64>) {
        let begin = tables[DatabaseFingerprint.largeObjects]?.place?.lowerBound ?? place.lowerBound
        var all = largeObjects
        all.add(rows)
        largeObjects = all
        tables[DatabaseFingerprint.largeObjects] = TableFingerprint(
            rows: all.objects,
            digest: all.digest,
            place: min(begin, place.lowerBound)..<place.upperBound,
        )
    }

    private var largeObjects = RowDigest()

    /// Of `SELECT pg_catalog.setval('public.s', 42, true)`: where it stands, or one before its first value.
    private static func position(_ definition: String) -> Int64 {
        let parts = definition.split(separator: ",").suffix(2)
        guard parts.count == 2,
            let value = parts.first.flatMap({ Int64($0.filter { $0 == "-" || $0.isNumber }) })
        else { return .min }
        return parts.last?.contains("true") == true ? value : value &- 1
    }
}
