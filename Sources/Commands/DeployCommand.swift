// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub deploy`.
struct DeployCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deploy",
        abstract: "Deploy a commit and follow it to its verdict.",
        discussion: """
            Examples:
              opshub deploy -e staging
              opshub deploy -e production --ref v1.4.0
              opshub deploy -e production --no-wait

            Ctrl-C stops the following, not the deployment.
            """,
    )

    @OptionGroup var target: Target
    @OptionGroup var connection: Connection

    @Option(
        help: ArgumentHelp(
            "Branch, tag or commit; the environment's branch when not said.",
            valueName: "ref",
        )
    )
    var ref: String?

    @Flag(name: .customLong("no-wait"), help: "Return once the deployment is accepted.")
    var noWait = false

    func run() async throws {
        try await connection.use { client in
            let deployment: DeploymentView = try await client.post(
                "\(try await target.path(client))/deployments",
                DeployOrder(ref: ref),
            )
            try await Following(json: connection.json, noWait: noWait).show(deployment, client)
        }
    }
}
