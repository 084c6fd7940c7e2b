// SPDX-License-Identifier: Apache-2.0
public import Core

/// The `opshub.yml` that `opshub init` writes: what was detected, with comments for what was not.
public struct ManifestTemplate: Hashable, Sendable {
    /// The project's name.
    public var project: ProjectName
    /// What was detected.
    public var detection: ProjectDetection
    /// The branch that production follows.
    public var branch: String

    /// Describes a file to be written.
    public init(project: ProjectName, detection: ProjectDetection, branch: String = "main") {
        self.project = project
        self.detection = detection
        self.branch = branch
    }

    /// The whole file, which parses without a diagnostic.
    public var text: String {
        let parts = [header, services, accessories, migrations, environments]
        return parts.filter { !$0.isEmpty }.map { $0.joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    /// A project name after a folder's or repository's name.
    ///
    /// - Parameter folder: Any text.
    /// - Returns: A name that `NameRule` admits; `app` when nothing of the text can be used.
    public static func projectName(after folder: String) -> ProjectName {
        ProjectName(NameRule.admits(folder) ? folder : NameVerdict.suggestion(for: folder) ?? "app")
    }

    private var header: [String] {
        let remarks = detection.remarks.map { "# \($0)" }
        let title = [
            "# How OpsHub builds, runs and deploys \(project). `opshub check` says whether it can be used.",
            "project: \(project)",
        ]
        return title + (remarks.isEmpty ? [] : [""] + remarks)
    }

    private var services: [String] {
        let containers = detection.containers.flatMap(ServiceLines.comments)
        guard !detection.services.isEmpty else { return Self.unknownService + containers }
        return ["services:"] + detection.services.flatMap(ServiceLines.lines) + containers
    }

    private static let unknownService = [
        "services:",
        "  app:",
        "    # No program that OpsHub knows was found. Say how yours is built and started:",
        "    # build: [make]",
        "    run: ./start --port $PORT   # it must listen on 127.0.0.1:$PORT",
        "    health: /health             # answered with 200 when all is well",
        "    routes: [/]",
    ]

    private var accessories: [String] {
        guard let major = detection.postgres else { return [] }
        return ["accessories:", "  db: { postgres: \(major) }   # services get its address as DATABASE_URL"]
    }

    private var migrations: [String] {
        guard let migrations = detection.migrations else { return [] }
        let usual = migrations.tool.usualFolder
        let path = migrations.folder == usual ? "" : ", path: \(YAMLText.plain(migrations.folder))"
        let what = "tool: \(migrations.tool.rawValue), service: \(migrations.service)\(path)"
        return [
            "# When the program's health needs the new schema, add 'when: before-start'.",
            "migrations: { \(what) }",
        ]
    }
}

extension ManifestTemplate {
    private var environments: [String] {
        let staging = branch == "develop" ? "staging" : "develop"
        return [
            "environments:",
            "  production:",
            "    branch: \(YAMLText.plain(branch))   # a push to it deploys here",
            "    domain: \(project).localhost   # its host name; with yours, let DNS point here",
            "    strategy: blue-green",
            "    approval: { required: true, own: true }   # a person says yes; without own, somebody else than who pushed",
            "    # ports: { \(ports(8000)) }   # fixed loopback ports, besides the domain",
            "    # stability: { window: 30s, max_error_rate: 1%, max_p99: 2s }   # judged after the switch",
            "    # smoke: [{ get: /, status: 200 }]   # asked before the switch",
        ] + backup + [
            "  staging:",
            "    branch: \(staging)",
            "    domain: staging.\(project).localhost",
            "    # ports: { \(ports(8100)) }",
        ]
    }

    private var backup: [String] {
        guard detection.postgres != nil else { return [] }
        return ["    # backup: { before: always }   # also when nothing migrates"]
    }

    private func ports(_ first: Int) -> String {
        let names = detection.services.isEmpty ? ["app"] : detection.services.map(\.name.rawValue)
        return names.enumerated().map { "\($1): \(first + $0)" }.joined(separator: ", ")
    }
}
