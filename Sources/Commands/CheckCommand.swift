// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import FoundationEssentials
import Manifest

/// `opshub check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Find every mistake in opshub.yml, and in the compose files that it names, at once.",
        discussion: """
            Examples:
              opshub check
              opshub check path/to/opshub.yml --json
              opshub check --schema > opshub.schema.json     for editors
            """,
    )

    @Argument(help: "The file.")
    var file = "opshub.yml"

    @Flag(help: "Print the JSON Schema of opshub.yml instead.")
    var schema = false

    @Flag(help: "Write JSON.")
    var json = false

    func run() async throws {
        guard !schema else { return Output.write(ManifestSchema.json, to: 1) }
        let folder = URL(filePath: file).deletingLastPathComponent()
        let reading = try await ManifestParser.read(bytes: try Self.read(file), file: file) { path in
            Self.content(of: folder.appending(path: path))
        }
        let findings = Findings(mistakes: reading.diagnostics, remarks: reading.remarks)
        try Output.render(findings, json: json) {
            let verdict = reading.diagnostics.isEmpty ? ["\(file) is fine"] : []
            let lines = verdict + reading.diagnostics.map(\.description) + reading.remarks.map(\.description)
            return lines.joined(separator: "\n")
        }
        guard reading.diagnostics.isEmpty else {
            let count = reading.diagnostics.count
            throw Failure(.invalidManifest, "\(file) has \(count) mistake\(count == 1 ? "" : "s")")
        }
    }

    /// A file that the manifest names; nil when there is none.
    private static func content(of url: URL) -> [UInt8]? {
        // What can't be read is not there for whoever deploys it either.
        (try? Data(contentsOf: url)).map { Array($0) }
    }

    /// What `--json` writes.
    private struct Findings: Encodable {
        let mistakes: [ManifestDiagnostic]
        let remarks: [ManifestDiagnostic]
    }

    static func read(_ file: String) throws(Failure) -> [UInt8] {
        do {
            return Array(try Data(contentsOf: URL(filePath: file)))
        } catch {
            throw Failure(
                .notFound,
                "there is no file \(file)",
                hint: "opshub init writes one for the repository in this folder",
            )
        }
    }
}
