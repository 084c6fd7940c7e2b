// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import HostSystem
import Testing

@testable import HAProxyRouter

/// A folder below `Fixtures/`, with the files of one case.
struct EdgeFixture: Sendable, CustomTestStringConvertible {
    /// What the folder is called.
    let name: String
    /// Where it is.
    let folder: String

    var testDescription: String { name }

    /// One case of a subject.
    init(_ subject: String, _ name: String) {
        self.name = name
        folder = "\(Self.root)/\(subject)/\(name)"
    }

    /// Every case of a subject, by name.
    static func all(_ subject: String) throws -> [EdgeFixture] {
        try Folder.names(in: "\(root)/\(subject)").map { EdgeFixture(subject, $0) }
    }

    /// The text of a file.
    func text(_ file: String) throws -> String {
        try #require(try FileContent.text(of: "\(folder)/\(file)"), "\(folder)/\(file) is missing")
    }

    /// The state of the case, as it is kept on disk.
    func state() throws -> EdgeState {
        try JSONDecoder().decode(EdgeState.self, from: Data(try text("state.json").utf8))
    }

    private static let root =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/") + "/Fixtures"
}
