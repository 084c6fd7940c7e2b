// SPDX-License-Identifier: Apache-2.0
import Synchronization
import ArgumentParser
import Commands
import Core
import Glibc

/// The program: reads what was typed, runs the verb, and renders what went wrong in one place.
@main
struct OpsHub: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "opshub",
        abstract: "From git push to healthy production on your own servers, and back when it isn't.",
        discussion: """
            Start the control plane with 'opshub serve', describe your project with 'opshub init', and push:

              git push http://127.0.0.1:4000/git/PROJECT.git main

            Exit codes: 0 done · 1 the answer is no (a gate, build or deployment failed) · 2 wrong input · 3 not found
            4 conflict · 5 not authorized · 6 unreachable · 7 the machine lacks something · 64 wrong usage
            """,
        version: Version.text,
        subcommands: [ServeCommand.self] + Verbs.all + [StaticFilesCommand.self, EdgeLogCommand.self],
    )

    static func main() async {
        Verbs.folderRestore.withLock { $0 = PortableRestore.run }
        do {
            var command = try parseAsRoot()
            do {
                if var asynchronous = command as? any AsyncParsableCommand {
                    try await asynchronous.run()
                } else {
                    try command.run()
                }
            } catch let error where !(error is ExitCode) && Self.exitCode(for: error) == .failure {
                // Not one of the parser's own, such as a request for help.
                Glibc.exit(ErrorText.show(error, json: CommandLine.arguments.contains("--json")))
            }
        } catch {
            exit(withError: error)
        }
    }
}
