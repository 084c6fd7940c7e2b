// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import FoundationEssentials
import Manifest

/// `opshub init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Look at the repository in this folder and write a commented opshub.yml for it.",
        discussion: """
            Examples:
              opshub init
              opshub init --project shop --dry-run
            """,
    )

    @Option(help: ArgumentHelp("The project's name; the folder's when not said.", valueName: "name"))
    var project: String?

    @Flag(name: .customLong("dry-run"), help: "Print the file instead of writing it.")
    var dryRun = false

    @Flag(help: "Replace an opshub.yml that is there.")
    var force = false

    @Flag(help: "Write JSON.")
    var json = false

    /// What `--json` writes.
    private struct Written: Encodable {
        let file: String?
        let text: String
        let services: [String]
        let remarks: [String]
    }

    func run() async throws {
        let folder = FileManager.default.currentDirectoryPath
        let name = try projectName(folder)
        let tree = RepositoryTree(folder: folder)
        guard tree.isRepository else {
            throw Failure(
                .invalid,
                "\(folder) is no Git repository",
                hint: "git init, or go to the repository's root first",
            )
        }
        let detection = ProjectDetection(of: tree.files)
        let text = ManifestTemplate(project: name, detection: detection, branch: tree.branch ?? "main").text
        guard dryRun || force || !FileManager.default.fileExists(atPath: "opshub.yml") else {
            throw Failure(
                .conflict,
                "there is an opshub.yml already",
                hint: "opshub init --dry-run shows what would be written, --force replaces it",
            )
        }
        if !dryRun { try text.write(toFile: "opshub.yml", atomically: true, encoding: .utf8) }
        let services = detection.services.map(\.name.rawValue)
        guard !json else {
            let written = Written(
                file: dryRun ? nil : "opshub.yml",
                text: text,
                services: services,
                remarks: detection.remarks.map { "\($0)" },
            )
            return try Output.render(written, json: true) { text }
        }
        guard !dryRun else { return Output.write(text, to: 1) }
        Output.say(
            services.isEmpty
                ? "wrote opshub.yml; nothing was found to run, so say it there"
                : "wrote opshub.yml: \(services.joined(separator: ", "))"
        )
        detection.remarks.forEach { Output.say("  \($0)") }
        Output.say(
            "next: look at it, then 'opshub check', commit it, and push to \(name).git of your control plane"
        )
    }

    private func projectName(_ folder: String) throws(Failure) -> ProjectName {
        guard let project else {
            return ManifestTemplate.projectName(
                after: folder.split(separator: "/").last.map(String.init) ?? "app"
            )
        }
        guard NameRule.admits(project) else {
            throw Failure(.invalid, "'\(project)' is no project name", hint: "a name has \(NameRule.words)")
        }
        return ProjectName(project)
    }
}
