// SPDX-License-Identifier: Apache-2.0
public import ArgumentParser

/// `opshub`: everything that a person at a terminal can do, one verb a file.
public struct OpsHubCommand: AsyncParsableCommand {
    /// Name, help and verbs. The composition root adds the verbs that need the whole product.
    public static let configuration = CommandConfiguration(
        commandName: "opshub",
        abstract: "From git push to healthy production on your own servers, and back when it isn't.",
        discussion: """
            Start the control plane with 'opshub serve', describe your project with 'opshub init', and push:

              git push http://127.0.0.1:4000/git/PROJECT.git main
            """,
        version: Version.text,
        subcommands: [
            CheckCommand.self, PlanCommand.self, DeployCommand.self, ApproveCommand.self,
            RejectCommand.self, CancelCommand.self, RollbackCommand.self, StatusCommand.self, LogsCommand.self,
            EventsCommand.self, ReleaseCommand.self, BackupCommand.self, GitHookCommand.self,
            GitCredentialCommand.self,
        ]
    )

    /// Made by the parser.
    public init() {}
}
