// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client

/// `opshub people`.
struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people",
        abstract: "Who has which role: OWNER, MAINTAINER, DEVELOPER, VIEWER.",
        discussion: """
            As long as nobody has a role, everybody is an owner. approval: { by: … } in opshub.yml says whose yes counts.

            Examples:
              opshub people set ada OWNER
              opshub people list
            """,
        subcommands: [List.self, Set.self, Remove.self],
        defaultSubcommand: List.self,
    )

    /// `opshub people list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them.")

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let people: [PersonView] = try await client.get("people")
                try Output.render(people, json: connection.json) { PeopleCommand.text(people) }
            }
        }
    }

    /// `opshub people set`.
    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give somebody a role.",
            discussion: "Example:\n  opshub people set bea MAINTAINER",
        )

        @Argument(help: "The name, as approvals show it.")
        var name: String

        @Argument(help: "OWNER, MAINTAINER, DEVELOPER or VIEWER.")
        var role: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let people: [PersonView] = try await client.post(
                    "people",
                    PersonView(name: name, role: role),
                )
                try Output.render(people, json: connection.json) { PeopleCommand.text(people) }
            }
        }
    }

    /// `opshub people remove`.
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take somebody's role.",
            discussion: "Example:\n  opshub people remove bea",
        )

        @Argument(help: "The name.")
        var name: String

        @OptionGroup var connection: Connection

        func run() async throws {
            try await connection.use { client in
                let people: [PersonView] = try await client.post("people/removal", PersonRemoval(name: name))
                try Output.render(people, json: connection.json) { PeopleCommand.text(people) }
            }
        }
    }

    static func text(_ people: [PersonView]) -> String {
        guard !people.isEmpty else { return "Nobody has a role yet, so that everybody is an owner." }
        var table = Table("NAME", "ROLE")
        for person in people { table.add(person.name, person.role) }
        return table.text
    }
}
