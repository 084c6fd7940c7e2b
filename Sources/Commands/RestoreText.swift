// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// What a restore would mean, for people.
enum RestoreText {
    static func lines(_ view: RestoreView, _ order: RestoreOrder) -> String {
        let age = Duration.seconds(max(0, view.now.timeIntervalSince(view.asOf))).briefly
        var lines = [
            "\(view.source) → \(view.database)",
            "  state      \(view.proof)",
            "  as of      \(view.asOf.formatted(.iso8601)), \(age) ago",
            "  lost       \(lost(view, age))",
        ]
        lines += (view.lost ?? []).prefix(8)
            .map { "             \($0.table): \(count($0.inserted, $0.updated, $0.deleted))" }
        if let more = view.lost?.dropFirst(8), !more.isEmpty {
            lines.append("             and \(more.count) tables more")
        }
        if let differences = view.schemaDifferences { lines += schema(differences, view) }
        if let then = view.servedThen {
            lines.append("  release    \(then) served then, \(view.serving) serves now and stays")
        }
        if order.masking != nil { lines.append("  masked     by your SQL, before anybody sees the data") }
        lines.append(
            "  meanwhile  nobody can write from the last backup to the exchange; services start anew"
        )
        lines.append(
            "  way back   what is there now is kept for \(Duration.seconds(view.keepsOld).briefly)"
        )
        return lines.joined(separator: "\n")
    }

    static func lines(_ view: RestoredTableView) -> String {
        """
        \(view.source) of backup \(view.backup), as of \(view.asOf.formatted(.iso8601)), is in \(view.table) of \(view.database)
          rows       \(view.rows), all compared with what the backup held
          untouched  everything else, \(view.source) too; the new table has no indexes, keys, triggers or policies
          next       copy what you want of it, for example the rows that are gone, by a key:
                       INSERT INTO \(view.source) (\(view.columns)) SELECT \(view.columns) FROM \(view.table) old
                       WHERE NOT EXISTS (SELECT FROM \(view.source) now WHERE now.id = old.id);
                     and when you are done:
                       DROP TABLE \(view.table);
        """
    }

    private static func lost(_ view: RestoreView, _ age: String) -> String {
        let window = "what was written in these \(age)"
        guard let lost = view.lost else { return "\(window); how much that is can't be told" }
        guard !lost.isEmpty else {
            return "nothing: no row was written in these \(age), as far as the server has counted"
        }
        let sums = lost.reduce(into: (0, 0, 0) as (Int64, Int64, Int64)) { sums, table in
            sums = (sums.0 + table.inserted, sums.1 + table.updated, sums.2 + table.deleted)
        }
        return "\(window): about \(count(sums.0, sums.1, sums.2))"
    }

    private static func count(_ inserted: Int64, _ updated: Int64, _ deleted: Int64) -> String {
        let parts = [(inserted, "inserted"), (updated, "changed"), (deleted, "deleted")]
            .filter { $0.0 > 0 }
        return parts.map { "\($0.0) row\($0.0 == 1 ? "" : "s") \($0.1)" }.joined(separator: ", ")
    }

    private static func schema(_ differences: [String], _ view: RestoreView) -> [String] {
        guard !differences.isEmpty else { return ["  schema     as it is now"] }
        let (count, one) = (differences.count, differences.count == 1)
        var lines = [
            "  schema     \(count) definition\(one ? " is" : "s are") not as now, and \(view.serving) may need what is now:"
        ]
        lines += differences.prefix(8).map { "             \($0)" }
        if differences.count > 8 { lines.append("             and \(differences.count - 8) more") }
        return lines
    }
}
