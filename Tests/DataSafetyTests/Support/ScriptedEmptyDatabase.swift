// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// A database of names, and migrations that add and take them away as a test says.
final class ScriptedEmptyDatabase: EmptyDatabase {
    /// One migration.
    struct Script: Sendable {
        var entry: MigrationEntry
        /// What applying it does to what is there, and for the how manieth time it does.
        var up: @Sendable (inout [String: String], Int) throws -> Void
        var down: @Sendable (inout [String: String]) throws -> Void

        /// One that adds `id`, and takes it away.
        init(
            _ id: String,
            after parents: String...,
            isHead: Bool = false,
            keepsData: Bool = false,
            up: (@Sendable (inout [String: String], Int) throws -> Void)? = nil,
            down: (@Sendable (inout [String: String]) throws -> Void)? = nil,
        ) {
            entry = MigrationEntry(
                id: MigrationRevision(id),
                title: "change \(id)",
                parents: parents.map { MigrationRevision($0) },
                isHead: isHead,
                keepsData: keepsData,
            )
            self.up = up ?? { schema, _ in schema["TABLE \(id)"] = "new" }
            self.down = down ?? { $0["TABLE \(id)"] = nil }
        }
    }

    private let scripts: [Script]
    private let state = Mutex<
        (schema: [String: String], applied: [MigrationRevision], times: [MigrationRevision: Int])
    >(
        ([:], [], [:])
    )
    private let models: [String]?
    private let beginnings = Mutex(0)

    private let inOneRun: @Sendable (inout [String: String]) throws -> Void

    init(
        _ scripts: [Script],
        drift: [String]? = nil,
        inOneRun: @escaping @Sendable (inout [String: String]) throws -> Void = { _ in },
    ) {
        self.scripts = scripts
        models = drift
        self.inOneRun = inOneRun
    }

    /// How often it was made anew.
    var timesBegun: Int { beginnings.withLock { $0 } }

    /// What is applied in the end.
    var applied: [MigrationRevision] { state.withLock { $0.applied } }

    func history() -> [MigrationEntry] { scripts.map(\.entry) }

    func begin(at revisions: [MigrationRevision]) throws {
        state.withLock { $0 = ([:], [], [:]) }
        beginnings.withLock { $0 += 1 }
        for revision in revisions { try apply(revision) }
    }

    func apply(_ revision: MigrationRevision) throws {
        guard let script = scripts.first(where: { $0.entry.id == revision }) else { return }
        try state.withLock { state in
            state.times[revision, default: 0] += 1
            try script.up(&state.schema, state.times[revision] ?? 0)
            state.applied.append(revision)
        }
    }

    func applyRest() throws {
        for script in scripts where !applied.contains(script.entry.id) { try apply(script.entry.id) }
        try state.withLock { try inOneRun(&$0.schema) }
    }

    func revert(_ entry: MigrationEntry) throws {
        guard let script = scripts.first(where: { $0.entry.id == entry.id }) else { return }
        try state.withLock { state in
            try script.down(&state.schema)
            state.applied.removeAll { $0 == entry.id }
        }
    }

    func definitions() -> [String: String] {
        state.withLock { $0.schema.filter { !$0.key.hasPrefix("ROWS ") } }
    }

    func fill(from sample: RowSample) async throws -> SampledRows {
        try await sample.feed { bytes in
            self.state.withLock {
                $0.schema["ROWS \(sample.source)"] = String(decoding: bytes, as: UTF8.self)
            }
        }
        return SampledRows(source: sample.source, rows: 1, tables: 1)
    }

    func contents() -> [SchemaChanges.Place: String] {
        let rows = state.withLock { $0.schema.filter { $0.key.hasPrefix("ROWS ") } }
        return Dictionary(rows.map { (SchemaChanges.Place("public.\($0.key)", "a"), $0.value) }) { $1 }
    }

    func places() -> Set<SchemaChanges.Place> {
        Set(
            definitions().keys
                .map { SchemaChanges.Place(String($0.dropFirst("TABLE ".count))) }
        )
    }

    func drift() -> [String]? { models }
}
