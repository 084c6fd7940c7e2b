// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// Which deployment an answer is about: by name, or the one that waits in an environment.
struct Waiting: ParsableArguments {
    @Argument(help: "The deployment (d12); the one that waits when not said.")
    var deployment: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The environment.", valueName: "env"))
    var environment: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The project.", valueName: "name"))
    var project: String?

    @Option(name: .shortAndLong, help: "What you say about it.")
    var comment: String?

    /// The deployment as it is now.
    func resolve(_ client: ControlPlaneClient) async throws -> DeploymentView {
        if let deployment { return try await client.get("deployments/\(deployment)") }
        let all: [DeploymentView] = try await client.get("deployments", ["limit": "100"])
        let waiting = all.filter { view in
            ["awaiting-approval", "awaiting-decision"].contains(view.state)
                && (environment == nil || view.environment == environment)
                && (project == nil || view.project == project)
        }
        guard waiting.count == 1, let only = waiting.first else {
            let names = waiting.map { "\($0.id) (\($0.project)/\($0.environment))" }.joined(separator: ", ")
            throw Failure(
                waiting.isEmpty ? .notFound : .invalid,
                waiting.isEmpty
                    ? "no deployment waits for an approval" : "several deployments wait: \(names)",
                hint: waiting.isEmpty ? "opshub status" : "name one of them",
            )
        }
        return only
    }
}

/// `opshub approve`.
struct ApproveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract:
            "Say yes to the plan that a deployment waits with, or to a release that its gate could not judge.",
        discussion: """
            Examples:
              opshub approve -e production
              opshub approve d12 --plan 3f9c2ab01d77 -c "looked at the migration"
            """,
    )

    @OptionGroup var waiting: Waiting
    @OptionGroup var connection: Connection

    @Option(
        help: ArgumentHelp(
            "Digest of the plan that you saw, or its beginning; the one that waits now when not said.",
            valueName: "digest",
        )
    )
    var plan: String?

    func run() async throws {
        try await connection.use { client in
            let seen = try await waiting.resolve(client)
            // A plan that changes after this moment is not the one that this command was told of.
            let digest = plan ?? seen.plan?.digest
            let order = ApprovalOrder(digest: digest, comment: waiting.comment)
            let view: DeploymentView = try await client.post("deployments/\(seen.id)/approval", order)
            try Output.render(view, json: connection.json) {
                let release = "\(view.release) (\(view.commit.prefix(7)) \(view.subject))"
                return seen.state == "awaiting-decision"
                    ? "\(seen.id) goes on: \(view.project)/\(view.environment) keeps \(release)"
                    : "\(seen.id) approved with plan \((digest ?? "").prefix(12)): \(view.project)/\(view.environment) gets \(release)"
            }
        }
    }
}

/// `opshub reject`.
struct RejectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reject",
        abstract: "Say no to what a deployment waits with: nothing is changed, or traffic returns.",
        discussion: "Example:\n  opshub reject -e production -c \"not on a Friday\"",
    )

    @OptionGroup var waiting: Waiting
    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let id = try await waiting.resolve(client).id
            let order = ApprovalOrder(comment: waiting.comment)
            let view: DeploymentView = try await client.post("deployments/\(id)/rejection", order)
            try Output.render(view, json: connection.json) { "\(id) rejected" }
        }
    }
}

/// `opshub cancel`.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Stop a deployment and undo what it did; one that has switched gives its traffic back.",
        discussion: "Example:\n  opshub cancel d12",
    )

    @Argument(help: "The deployment (d12).")
    var deployment: String

    @OptionGroup var connection: Connection

    func run() async throws {
        try await connection.use { client in
            let view: DeploymentView = try await client.post(
                "deployments/\(deployment)/cancellation",
                ApprovalOrder(),
            )
            try Output.render(view, json: connection.json) {
                view.isOver ? "\(deployment) is cancelled" : "\(deployment) is being undone"
            }
        }
    }
}
