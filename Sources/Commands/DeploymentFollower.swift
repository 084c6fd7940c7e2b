// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core
import FoundationEssentials

/// Shows a deployment as it happens, line by line, until its verdict or until a person must act.
struct DeploymentFollower {
    let client: ControlPlaneClient
    let id: String
    let json: Bool
    /// Whether to stay while the plan waits for a person.
    var waitsForApproval = true
    var write: @Sendable (String) -> Void = { Output.line($0) }

    /// - Returns: The deployment as it was when following ended.
    /// - Throws: `deployment-failed` unless it succeeded, or waits for an approval that is not waited for.
    func follow() async throws -> DeploymentView {
        var last = 0
        var lines = JournalText()
        do {
            try await client.events("deployments/\(id)/journal", [:], of: JournalLine.self) { line in
                last = line.sequence
                if json {
                    write(String(decoding: try Wire.encoder().encode(line), as: UTF8.self))
                } else if let text = lines.render(line) {
                    write(text)
                }
                if line.kind == .approvalAsked, !waitsForApproval { throw Paused() }
            }
        } catch is Paused {
            return try await client.get("deployments/\(id)")
        }
        let deployment: DeploymentView = try await client.get("deployments/\(id)")
        guard deployment.isOver else {
            throw Failure(
                .unreachable,
                "the control plane went away after line \(last) of \(id); the deployment goes on when it is back",
                hint: "opshub events \(id) --follow",
            )
        }
        // What failed was shown line by line above; JSON readers find it in the last line.
        try deployment.requireSuccess(briefly: true)
        return deployment
    }

    private struct Paused: Error {}
}

extension DeploymentView {
    /// - Parameter briefly: Leaves out why, for people who have just seen it.
    /// - Throws: `deployment-failed` with the reason, unless it succeeded.
    func requireSuccess(briefly: Bool = false) throws(Failure) {
        guard isOver, state != "succeeded" else { return }
        let undone = undone.isEmpty ? "" : " (undone: \(undone.joined(separator: ", ")))"
        throw Failure(
            .deploymentFailed,
            "\(id) of \(project)/\(environment) \(state)\(step.map { " at the \($0)" } ?? "")\(undone)",
            hint: briefly ? nil : failure?.hint,
            evidence: briefly ? [] : failure.map { [$0.message] + $0.evidence } ?? [],
            cause: briefly ? nil : failure?.cause,
        )
    }
}
