// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Tables of which somebody knows already what is in them.
struct ReadTables: Hashable {
    /// What is in each, by name: `public.shipments`.
    private(set) var tables: [String: TableFingerprint] = [:]
    /// The same tables, as `pg_dump` is told of them: `"public"."shipments"`.
    private(set) var patterns: [String] = []

    /// What was read of some lines of a table of contents; what did not come back is not known.
    init(_ entries: [ArchiveEntry] = [], _ found: [String: TableFingerprint] = [:]) {
        for entry in entries {
            guard let table = found[entry.name], let pattern = entry.pattern else { continue }
            tables[entry.name] = table
            patterns.append(pattern)
        }
    }

    /// Takes what somebody else has read.
    mutating func merge(_ other: ReadTables) {
        tables.merge(other.tables) { $1 }
        patterns += other.patterns
    }

    /// Those of a lane's tables that are worth a call of their own.
    static func worthwhile(
        _ outline: ArchiveOutline,
        _ lane: [Int],
        _ tables: [String: TableFingerprint],
    ) -> [ArchiveEntry] {
        let own = Set(lane)
        let large = outline.entries.filter { entry in
            own.contains(entry.id) && entry.kind == "TABLE DATA" && entry.pattern != nil
                && (tables[entry.name]?.size?.bytes ?? 0) >= ByteCount.mebibytes(8).bytes
        }
        return Array(large.prefix(50))
    }
}

extension ArchiveEntry {
    /// Its table as `pg_dump` is told of it; nil for a name that no pattern can say.
    var pattern: String? {
        // U+FFFD stands for what is not UTF-8.
        let isSayable = "\(namespace)\(tag)".unicodeScalars.allSatisfy { $0 != "\"" && $0 != "\u{FFFD}" }
        return isSayable ? "\"\(namespace)\".\"\(tag)\"" : nil
    }
}
