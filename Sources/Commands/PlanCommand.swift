// SPDX-License-Identifier: Apache-2.0
import API
import ArgumentParser
import Client
import Core

/// `opshub plan`.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a deployment would do.",
        discussion: """
            Reads Git and the records only: nothing is built, nothing is changed. The plan that a person approves is made \
            by the deployment itself once the release is built, and can list other migrations than the files named here.

            Examples:
              opshub plan -e production
              opshub plan -e production --ref feature/x
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

    func run() async throws {
        try await connection.use { client in
            let plan: PlanView = try await client.get("\(try await target.path(client))/plan", ["ref": ref])
            try Output.render(plan, json: connection.json) { text(plan) }
        }
    }

    private func text(_ plan: PlanView) -> String {
        var lines = [
            "\(plan.project)/\(plan.environment) to \(plan.commit.prefix(7)), now \(plan.outgoing ?? "nothing")"
        ]
        lines += plan.commits.map { "  commit     \($0.id.prefix(7)) \($0.subject) (\($0.author))" }
        lines += plan.replicas.sorted { $0.key < $1.key }.map { "  service    \($0.key) × \($0.value)" }
        lines += plan.routes.sorted { $0.key < $1.key }.map { "  route      \($0.key) → \($0.value)" }
        lines += plan.migrations.map { "  migration  \($0)" }
        lines.append(
            "  backup     \(plan.backsUp ? "taken and proven by a restore first" : "none is needed")"
        )
        lines.append("  strategy   \(plan.strategy)")
        lines.append("  steps      \(plan.steps.joined(separator: " → "))")
        lines.append("  way back   \(plan.wayBack)")
        return lines.joined(separator: "\n")
    }
}
