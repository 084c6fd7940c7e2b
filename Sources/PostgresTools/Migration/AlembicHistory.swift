// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Revisions as `alembic history --verbose` and `alembic current --verbose` tell them, newest first.
///
///     Rev: 0002 (head)
///     Parent: 0001
///     Also depends on: 9f3c
///     Path: …/0002_add_shipment_weight.py
///
///         add shipment weight
///
/// Other lines are what the project's `env.py` writes, and are passed over.
struct AlembicHistory {
    /// One revision.
    struct Revision: Hashable {
        /// Its name.
        var id: MigrationRevision
        /// What must be applied before it: parents and dependencies.
        var needs: [MigrationRevision] = []
        /// What it follows.
        var parents: [MigrationRevision] = []
        /// The first line of its description.
        var title = ""
        /// Whether nothing follows it.
        var isHead = false
        /// Whether its description says that it keeps data.
        var keepsData = false
    }

    /// Newest first.
    private(set) var revisions: [Revision] = []

    /// Reads what was written.
    init(_ lines: [String]) {
        for line in lines {
            if line.hasPrefix("Rev: ") {
                revisions.append(Self.revision(line.dropFirst(5)))
            } else if let last = revisions.indices.last {
                Self.read(line, into: &revisions[last])
            }
        }
    }

    /// What there is to do for a database that is at these revisions.
    func outlook(at current: [MigrationRevision]) -> MigrationOutlook {
        let applied = closure(current)
        return MigrationOutlook(
            current: current.sorted(),
            pending: revisions.reversed().filter { !applied.contains($0.id) }
                .map { PendingMigration(id: $0.id, title: $0.title) },
            targets: heads,
        )
    }

    /// Every revision, each after what it needs.
    var entries: [MigrationEntry] {
        var placed: Set<MigrationRevision> = []
        var left = Array(revisions.reversed())
        var entries: [MigrationEntry] = []
        while let index = left.firstIndex(where: { placed.isSuperset(of: $0.needs) }) {
            let next = left.remove(at: index)
            placed.insert(next.id)
            entries.append(
                MigrationEntry(
                    id: next.id,
                    title: next.title,
                    parents: next.parents,
                    isHead: next.isHead,
                    keepsData: next.keepsData,
                )
            )
        }
        return entries
    }

    /// What is known when the database is at a revision that is not here: nothing can be applied to that.
    func outlook(atUnknown revision: MigrationRevision) -> MigrationOutlook {
        MigrationOutlook(current: [revision], targets: heads, unknown: [revision])
    }

    private var heads: [MigrationRevision] { revisions.filter(\.isHead).map(\.id).sorted() }

    /// These revisions and everything that they need.
    private func closure(_ start: [MigrationRevision]) -> Set<MigrationRevision> {
        let needs = Dictionary(revisions.map { ($0.id, $0.needs) }, uniquingKeysWith: { first, _ in first })
        var found: Set<MigrationRevision> = []
        var open = start
        while let next = open.popLast() {
            if found.insert(next).inserted { open += needs[next] ?? [] }
        }
        return found
    }

    private static func revision(_ text: Substring) -> Revision {
        Revision(
            id: MigrationRevision(String(text.prefix { $0 != " " })),
            isHead: text.contains("(head)"),
        )
    }

    private static func read(_ line: String, into revision: inout Revision) {
        for label in ["Parent: ", "Merges: ", "Also depends on: "] where line.hasPrefix(label) {
            let named = line.dropFirst(label.count).split(separator: ",")
                .map { $0.drop(while: \.isWhitespace) }.filter { $0 != "<base>" }
                .map { MigrationRevision(String($0)) }
            revision.needs += named
            if label != "Also depends on: " { revision.parents += named }
        }
        guard line.hasPrefix("    ") else { return }
        let words = line.drop(while: \.isWhitespace)
        if revision.title.isEmpty { revision.title = String(words) }
        if words.hasPrefix(MigrationEntry.keepsDataMark) { revision.keepsData = true }
    }
}
