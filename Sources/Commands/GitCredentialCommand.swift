// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import FoundationEssentials

/// `opshub git-credential`: Git asks it for the token, so that no URL and no file of Git's holds it.
struct GitCredentialCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "git-credential",
        abstract: "Give Git the token of the embedded remote.",
        discussion: """
            Once for all repositories of this account:
              git config --global credential.http://127.0.0.1:4000.helper '!opshub git-credential'
            """,
        shouldDisplay: false,
    )

    @Option(help: ArgumentHelp("Folder of the control plane's state.", valueName: "dir"))
    var home: String?

    @Argument(help: "What Git wants: get, store or erase.")
    var operation: String

    func run() async throws {
        guard operation == "get" else { return }
        let layout = HomeLayout(root: home ?? Home.default)
        let token: String
        if let said = Home.variable("OPSHUB_TOKEN") {
            token = said
        } else {
            token = String(decoding: try CheckCommand.read(layout.token), as: UTF8.self)
                .filter { !$0.isWhitespace }
        }
        Output.line("username=\(Home.variable("USER") ?? "root")\npassword=\(token)")
    }
}
