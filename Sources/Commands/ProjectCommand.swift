// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core
import FoundationEssentials

/// `opshub project`.
struct ProjectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Projects, and the Git remotes that they follow.",
        discussion: """
            A project is pushed to OpsHub, or lives in a Git remote whose branches OpsHub looks at by itself.

            Examples:
              opshub project add https://github.com/acme/tracehub.git
              opshub project sync tracehub
            """,
        subcommands: [Add.self, List.self, Sync.self, Key.self, Detach.self],
    )

    /// `opshub project add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow a Git remote: deploy what its branches get.",
            discussion: """
                By SSH, OpsHub shows the remote a key of its own: opshub project key NAME.

                Examples:
                  opshub project add git@github.com:acme/tracehub.git
                  opshub project add https://git.example.com/acme/app.git --token-stdin < token
                  opshub project add /srv/git/app.git --name app --interval 10
                """,
        )

        @Argument(help: "https://HOST/PATH, git@HOST:PATH, ssh://USER@HOST/PATH or an absolute path.")
        var url: String

        @Option(help: "The project's name, as in opshub.yml; the last part of the URL when not said.")
        var name: String?

        @Option(help: ArgumentHelp("Between two looks; 30 when not said.", valueName: "seconds"))
        var interval: Double?

        @Flag(help: "Read a token that may read the remote from standard input.")
        var tokenStdin = false

        @OptionGroup var connection: Connection

        func run() async throws {
            let token = tokenStdin ? readLine(strippingNewline: true) ?? "" : nil
            let order = RemoteOrder(
                name: name ?? Self.name(in: url),
                url: url,
                interval: interval,
                token: token,
            )
            try await connection.use { client in
                let view: ProjectView = try await client.post("projects", order)
                try Output.render(view, json: connection.json) { ProjectText.lines(view, now: Date()) }
            }
        }

        /// `tracehub` of `git@github.com:acme/TraceHub.git`.
        static func name(in url: String) -> String {
            let last = url.split { $0 == "/" || $0 == ":" }.last.map { $0.lowercased() } ?? ""
            return last.hasSuffix(".git") ? String(last.dropLast(4)) : last
        }
    }

    /// `opshub project list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All projects, where their commits come from, and their branches.",
            discussion: "Example:\n  opshub project list",
        )

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let views: [ProjectView] = try await client.get("projects")
                try Output.render(views, json: connection.json) {
                    views.isEmpty
                        ? "No project yet. Push one, or follow one:\n  git push \(client.url)/git/PROJECT.git main\n  opshub project add URL"
                        : views.map { ProjectText.lines($0, now: Date()) }.joined(separator: "\n\n")
                }
            }
        }
    }

    /// `opshub project sync`.
    struct Sync: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a project's remote now.",
            discussion: """
                A branch that goes to an environment only moves forward by itself. When its history was rewritten or the \
                branch is gone, it stays where it is until somebody accepts that.

                Examples:
                  opshub project sync tracehub
                  opshub project sync tracehub --accept main
                """,
        )

        @Argument(help: "The project.")
        var project: String

        @Option(help: ArgumentHelp("Take this branch over as it is there now.", valueName: "branch"))
        var accept: String?

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: ProjectView = try await client.post(
                    "projects/\(project)/sync",
                    SyncOrder(accept: accept),
                )
                try Output.render(view, json: connection.json) { ProjectText.lines(view, now: Date()) }
            }
        }
    }

    /// `opshub project key`.
    struct Key: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The public key that a project's remote must know, for reading over SSH.",
            discussion: "Example:\n  opshub project key tracehub",
        )

        @Argument(help: "The project.")
        var project: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: ProjectView = try await client.get("projects/\(project)/key")
                try Output.render(view, json: connection.json) { view.deployKey ?? "" }
            }
        }
    }

    /// `opshub project detach`.
    struct Detach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Follow the remote no more; what serves goes on, and pushes come to OpsHub again.",
            discussion: "Example:\n  opshub project detach tracehub",
        )

        @Argument(help: "The project.")
        var project: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: ProjectView = try await client.delete("projects/\(project)/remote")
                try Output.render(view, json: connection.json) { ProjectText.lines(view, now: Date()) }
            }
        }
    }
}
