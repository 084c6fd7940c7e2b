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
            Nothing is built, nothing is changed. Migrations are the files that the commit brings; once the release is built \
            its tool is asked. SQL files are applied to an empty copy of the schema, on a server of its own, to see what \
            they lock, write anew and drop; Alembic's revisions after the build. The plan's digest is good for \
            'opshub deploy --plan': it runs exactly what is shown here, or nothing.

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

    /// `TIER v1`, `LOG_LEVEL v1 → v2`, `COLOR v1 (new)`, `OLD v3 (gone)`.
    static func inWords(_ variable: PlannedVariableView) -> String {
        switch (variable.outgoing, variable.version) {
        case (let old?, let new?) where old == new: "\(variable.name) v\(new)"
        case (let old?, let new?): "\(variable.name) v\(old) → v\(new)"
        case (nil, let new?): "\(variable.name) v\(new) (new)"
        case (let old?, nil): "\(variable.name) v\(old) (gone)"
        case (nil, nil): variable.name
        }
    }

    private func text(_ plan: PlanView) -> String {
        var lines = [
            "\(plan.project)/\(plan.environment) to \(plan.commit.prefix(7)), now \(plan.outgoing ?? "nothing")",
            "  plan       \(plan.digest.prefix(12))   run exactly this: opshub deploy -e \(plan.environment)\(ref.map { " --ref \($0)" } ?? "") --plan \(plan.digest.prefix(12))",
        ]
        lines += plan.commits.map { "  commit     \($0.id.prefix(7)) \($0.subject) (\($0.author))" }
        lines += plan.files.prefix(20).map { "  file       \($0)" }
        if plan.fileCount > 20 { lines.append("  file       … \(plan.fileCount - 20) more") }
        for service in plan.services {
            let memory = ByteCount(service.memory)
            lines.append("  service    \(service.name) × \(service.replicas), \(memory) each")
            if !service.variables.isEmpty {
                let variables = service.variables.map(Self.inWords).joined(separator: ", ")
                lines.append("  variables  \(service.name): \(variables)")
            }
        }
        if let domain = plan.domain { lines.append("  domain     \(domain)") }
        lines += plan.ports.sorted { $0.key < $1.key }.map { "  port       \($0.key) on \($0.value)" }
        lines += plan.routes.sorted { $0.key < $1.key }.map { "  route      \($0.key) → \($0.value)" }
        for (index, migration) in plan.migrations.enumerated() {
            let verdict = plan.verdicts.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            lines.append("  migration  \(migration)" + (verdict.map { ": \($0.verdict)" } ?? ""))
            for finding in verdict?.findings ?? [] {
                lines.append("               \(finding.sentence)")
                if let advice = finding.advice { lines.append("               → \(advice)") }
            }
            if let remark = verdict?.remark { lines.append("               \(remark)") }
        }
        lines += (plan.reverts ?? []).map { "  takes back \($0)" }
        for refusal in plan.refusals ?? [] { lines.append("  refused    \(refusal) (refuse_migrations)") }
        lines.append(
            plan.backups.isEmpty
                ? "  backup     none is needed"
                : "  backup     of \(plan.backups.joined(separator: ", ")), proven by a restore first"
        )
        lines.append("  strategy   \(plan.strategy)")
        lines.append("  steps      \(plan.steps.joined(separator: " → "))")
        if let seconds = plan.expectedSeconds {
            lines.append("  takes      about \(Duration.seconds(seconds).briefly), going by the latest ones")
        }
        lines.append("  way back   \(plan.wayBack)")
        return lines.joined(separator: "\n")
    }
}
