// SPDX-License-Identifier: Apache-2.0
import API
import FoundationEssentials
import Testing

/// A folder below `Fixtures/journal`: a deployment as the API tells it, and as people read it.
struct JournalFixture: Sendable, CustomTestStringConvertible {
    /// What the folder is called.
    let name: String

    var testDescription: String { name }

    /// Every case, by name.
    static func all() throws -> [JournalFixture] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
            .map { JournalFixture(name: $0) }
    }

    /// The lines, as `opshub events --json` shows them.
    func lines() throws -> [JournalLine] {
        try Wire.decoder().decode([JournalLine].self, from: try data("journal.json"))
    }

    /// What a person shall see.
    func expected() throws -> String {
        String(decoding: try data("expected.txt"), as: UTF8.self)
    }

    private func data(_ file: String) throws -> Data {
        try Data(contentsOf: Self.root.appending(components: name, file))
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(components: "Fixtures", "journal")
}
