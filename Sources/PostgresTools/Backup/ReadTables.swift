// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Tables of which somebody knows already what is in them.
struct ReadTables: Hashable {
    /// What is in each, by name: `public.shipments`.
    private(set) var tables: [String: TableFingerprint] = [:]
    /// The same tables, as `pg_dump` is told of them: `"public"."shipments"`.
    private(set) var patterns: [String] = []

    /// Takes what was read of a line of a table of contents.
    mutating func add(_ entry: ArchiveEntry, _ table: TableFingerprint) {
        guard let pattern = entry.pattern else { return }
        tables[entry.name] = table
        patterns.append(pattern)
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
