// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub store`.
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Places elsewhere that copies of backups go to.",
        discussion: """
            A store is a bucket of anything that speaks S3. Backups of an environment go there once opshub.yml says so: \
            backup: { offsite: spaces }.

            Examples:
              opshub store add spaces --endpoint https://fra1.digitaloceanspaces.com --bucket acme-backups \
            --access-key DO00ABC --secret-stdin < secret
              opshub store show spaces -e production
            """,
        subcommands: [Add.self, List.self, Check.self, Show.self, Remove.self],
    )

    /// `opshub store add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a store, or say anew where it is.",
            discussion: """
                Something is written there, read back and removed before the store is kept. The bucket must be there. A key \
                that may not remove anything will do: then copies stay until the store's own rules remove them.

                Example:
                  opshub store add spaces --endpoint https://fra1.digitaloceanspaces.com --bucket acme-backups \
                --access-key DO00ABC --secret-stdin < secret
                """,
        )

        @Argument(help: "What opshub.yml calls it.")
        var name: String

        @Option(help: "Its address; Amazon S3 when not said.")
        var endpoint: String?

        @Option(help: "Its region; us-east-1 when not said.")
        var region: String?

        @Option(help: "The bucket.")
        var bucket: String

        @Option(help: "A folder within the bucket.")
        var prefix: String?

        @Option(help: "The name of the key.")
        var accessKey: String

        @Flag(help: "Read the key itself from standard input.")
        var secretStdin = false

        @OptionGroup var connection: Connection

        func run() async throws {
            guard secretStdin else {
                throw Failure(
                    .invalid,
                    "the key's secret is read from standard input only, where nobody else sees it",
                    hint: "opshub store add \(name) … --secret-stdin < secret",
                )
            }
            let order = StoreOrder(
                name: name,
                endpoint: endpoint,
                region: region,
                bucket: bucket,
                prefix: prefix,
                accessKey: accessKey,
                secretKey: readLine(strippingNewline: true) ?? "",
            )
            try await connection.use { client in
                let view: StoreView = try await client.post("stores", order)
                try Output.render(view, json: connection.json) { StoreCommand.text(view) }
            }
        }
    }

    /// `opshub store list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "All stores, and which backups go there.",
            discussion: "Example:\n  opshub store list",
        )

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let views: [StoreView] = try await client.get("stores")
                try Output.render(views, json: connection.json) {
                    guard !views.isEmpty else {
                        return "No store yet; backups are on this machine only. See opshub store add --help."
                    }
                    var table = Table("STORE", "WHERE", "KEY", "BACKUPS OF")
                    for view in views {
                        let environments = view.environments.joined(separator: ", ")
                        table.add(
                            view.name,
                            StoreCommand.place(view),
                            view.accessKey,
                            environments.isEmpty ? "-" : environments,
                        )
                    }
                    return table.text
                }
            }
        }
    }

    /// `opshub store check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write something to a store, read it back and remove it.",
            discussion: "Example:\n  opshub store check spaces",
        )

        @Argument(help: "The store.")
        var name: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: StoreView = try await client.post("stores/\(name)/check", DeployOrder())
                try Output.render(view, json: connection.json) { StoreCommand.text(view) }
            }
        }
    }

    /// `opshub store show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a store has of an environment, as the store itself says.",
            discussion: "Example:\n  opshub store show spaces -e production",
        )

        @Argument(help: "The store.")
        var name: String

        @OptionGroup var target: Target
        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let path = "\(try await target.path(client))/stores/\(name)"
                let view: StoreContentsView = try await client.get(path)
                try Output.render(view, json: connection.json) {
                    let table = view.backups.isEmpty ? "Nothing yet." : BackupCommand.table(view.backups)
                    return ([table] + view.oddities.map { "no copy: \($0)" }).joined(separator: "\n")
                }
            }
        }
    }

    /// `opshub store remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget a store; what it has stays there.",
            discussion: "Example:\n  opshub store remove spaces",
        )

        @Argument(help: "The store.")
        var name: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let view: StoreView = try await client.delete("stores/\(name)")
                try Output.render(view, json: connection.json) {
                    "Store \(view.name) is forgotten; what it has is still at \(StoreCommand.place(view))."
                }
            }
        }
    }

    private static func place(_ view: StoreView) -> String {
        "\(view.endpoint ?? "Amazon S3") \([view.bucket, view.prefix].filter { !$0.isEmpty }.joined(separator: "/"))"
    }

    private static func text(_ view: StoreView) -> String {
        var lines = ["Store \(view.name) answers: what was written came back (\(place(view)))."]
        if view.canRemove == false {
            lines.append(
                "Its key may not remove anything: copies stay until the store's own rules remove them."
            )
        }
        lines.append(
            view.environments.isEmpty
                ? "No backups go there yet: say backup: { offsite: \(view.name) } in opshub.yml, and deploy."
                : "Backups of \(view.environments.joined(separator: ", ")) go there."
        )
        return lines.joined(separator: "\n")
    }
}
