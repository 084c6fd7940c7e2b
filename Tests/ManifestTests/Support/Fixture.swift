// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A folder below `Fixtures/`, with the files of one case.
struct Fixture: Sendable, CustomTestStringConvertible {
    /// What the folder is called.
    let name: String
    /// Where it is.
    let folder: URL

    var testDescription: String { name }

    /// One case of a subject.
    init(_ subject: String, _ name: String) {
        self.name = name
        folder = Self.root.appending(components: subject, name)
    }

    /// Every case of a subject, by name.
    static func all(_ subject: String) throws -> [Fixture] {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: root.appending(component: subject).path
        )
        return names.sorted().map { Fixture(subject, $0) }
    }

    /// The text of a file.
    func text(_ file: String) throws -> String {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
    }

    /// The manifest of the case.
    var manifest: String {
        get throws { try text("opshub.yml") }
    }

    /// Every file below a folder of the case, relative to it.
    func files(below subfolder: String) throws -> [String] {
        let root = folder.appending(component: subfolder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path)
            .filter { path in
                let values = try root.appending(path: path).resourceValues(forKeys: [.isRegularFileKey])
                return values.isRegularFile == true
            }
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(component: "Fixtures")
}
