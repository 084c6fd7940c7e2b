// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub migrate verify`.
struct MigrateVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Apply every migration from nothing, each up, down and up again, and compare.",
        discussion: """
            On a server that is thrown away, of the database's own version: nothing that anybody uses is touched. Ends with 1 \
            when a migration does not apply, leaves something behind when it is taken back, does something else the second time, \
            or when the models differ from the schema. With --with-rows up to 1000 rows of each table of the newest verified backup go \
            along from the last migration on that is applied, so that what a way back loses is told: the project's migrations see them \
            then.

            Examples:
              opshub migrate verify -e production
              opshub migrate verify -e production --with-rows
              opshub migrate verify -e staging --release r31 --markdown > report.md
            """,
    )

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(
        help: ArgumentHelp("The built release; the one that serves when not said.", valueName: "release")
    )
    var release: String?

    @Flag(
        help: "Take rows of the newest verified backup along, to see which of them survive down and up again."
    )
    var withRows = false

    @Flag(help: "Write Markdown, for a pull request.")
    var markdown = false

    func run() async throws {
        try await connection.use { client in
            let words = [release.map { "release=\($0)" }, withRows ? "rows=true" : nil].compactMap(\.self)
            let query = words.isEmpty ? "" : "?" + words.joined(separator: "&")
            let path = try await target.path(client)
            let view: VerificationView = try await ProgressText.watched(path, client) {
                try await client.post("\(path)/migrations/verification\(query)", DeployOrder())
            }
            try Output.render(view, json: connection.json) {
                markdown ? MigrationText.markdown(view) : MigrationText.lines(view)
            }
            guard view.isGood else { throw ExitCode(1) }
        }
    }
}
