// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials
import Manifest

/// Options of every verb that is about one environment.
struct Target: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The environment.", valueName: "env"))
    var environment: String

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The project; that of ./opshub.yml when not said.", valueName: "name"),
    )
    var project: String?

    /// Path of the environment in the API.
    func path(_ client: ControlPlaneClient) async throws -> String {
        "projects/\(try await projectName(client))/environments/\(environment)"
    }

    /// The project that was said, that of this folder, or the only one there is.
    func projectName(_ client: ControlPlaneClient) async throws -> String {
        if let project { return project }
        if let here = Self.projectHere() { return here }
        let environments: [EnvironmentView] = try await client.get("status")
        let projects = Set(environments.map(\.project))
        guard projects.count == 1, let only = projects.first else {
            throw Failure(
                .invalid,
                "which project? There is no opshub.yml here",
                hint: projects.isEmpty
                    ? "push a project first" : "say -p \(projects.sorted().joined(separator: " or -p "))",
            )
        }
        return only
    }

    private static func projectHere() -> String? {
        guard let data = try? Data(contentsOf: URL(filePath: "opshub.yml")) else { return nil }  // None here.
        return ManifestParser.parse(bytes: data, file: "opshub.yml").manifest?.project.rawValue
    }
}
