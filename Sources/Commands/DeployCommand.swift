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
              opshub deploy -e production --plan 3f9c2ab01d77     what opshub plan showed, and nothing else
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

    @Option(
        help: ArgumentHelp(
            "Digest of the plan that you saw, or its beginning; any plan when not said.",
            valueName: "digest",
        )
    )
    var plan: String?

    @Flag(name: .customLong("no-wait"), help: "Return once the deployment is accepted.")
    var noWait = false

    func run() async throws {
        try await connection.use { client in
            let deployment: DeploymentView = try await client.post(
                "\(try await target.path(client))/deployments",
                DeployOrder(ref: ref, plan: plan),
            )
            try await Following(json: connection.json, noWait: noWait).show(deployment, client)
        }
    }
}
