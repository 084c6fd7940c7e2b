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
    /// Whether the deployment has done well when its traffic has returned.
    var takesBack = false
    /// Where lines go instead of standard output.
    var write: (@Sendable (String) -> Void)?

    /// Follows also over a restart of the control plane, as long as it is back within a minute.
    ///
    /// - Returns: The deployment as it was when following ended.
    /// - Throws: `deployment-failed` unless it succeeded, or waits for an approval that is not waited for;
    ///   `unreachable` when the control plane does not come back.
    func follow() async throws -> DeploymentView {
        guard write == nil, !json, Output.isTerminal else {
            return try await follow(writing: write ?? { Output.line($0) }, live: nil)
        }
        let live = LiveLine()
        defer { live.end() }
        return try await withThrowingTaskGroup(of: DeploymentView?.self) { group in
            group.addTask(name: "clock of the live line") {
                while true {
                    live.show(at: Date())
                    try await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask(name: "progress on the live line") {
                while true {
                    // One that fails only leaves the line as it is.
                    if let all = try? await underWay() { live.note(progress: ProgressText.line(all)) }
                    try await Task.sleep(for: .seconds(1))
                }
            }
            group.addTask(name: "follower") { try await follow(writing: { live.say($0) }, live: live) }
            defer { group.cancelAll() }
            while let view = try await group.next() { if let view { return view } }
            throw CancellationError()
        }
    }

    private func underWay() async throws -> [ProgressView] {
        let view: DeploymentView = try await client.get("deployments/\(id)")
        return try await client.get("projects/\(view.project)/environments/\(view.environment)/progress")
    }

    private func follow(
        writing write: @Sendable (String) -> Void,
        live: LiveLine?,
    ) async throws -> DeploymentView {
        var shown = Shown()
        var patience = Self.patience
        while true {
            let before = shown.last
            do {
                try await showMore(&shown, write, live)
                let deployment: DeploymentView = try await client.get("deployments/\(id)")
                if deployment.isOver {
                    // What failed was shown line by line above; JSON readers find it in the last line.
                    if !(takesBack && deployment.hasReturnedTraffic) {
                        try deployment.requireSuccess(briefly: true)
                    }
                    return deployment
                }
            } catch is Paused {
                return try await client.get("deployments/\(id)")
            } catch let failure as Failure where failure.code == .unreachable && shown.last > 0 {
                patience -= 1
            }
            if shown.last > before { patience = Self.patience }
            guard patience > 0 else {
                throw Failure(
                    .unreachable,
                    "the control plane went away after line \(shown.last) of \(id); the deployment goes on when it is back",
                    hint: "opshub serve, then opshub events \(id) --follow",
                )
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    private func showMore(
        _ shown: inout Shown,
        _ write: @Sendable (String) -> Void,
        _ live: LiveLine?,
    ) async throws {
        let query = ["after": "\(shown.last)"]
        try await client.events("deployments/\(id)/journal", query, of: JournalLine.self) { line in
            shown.last = line.sequence
            live?.follow(line)
            if json {
                write(String(decoding: try Wire.encoder().encode(line), as: UTF8.self))
            } else if let text = shown.lines.render(line) {
                write(text)
            }
            if [.approvalAsked, .decisionAsked].contains(line.kind), !waitsForApproval { throw Paused() }
        }
    }

    /// How often, a second apart, the control plane is asked again after it went away.
    private static let patience = 60

    private struct Shown {
        var last = 0
        var lines = JournalText()
    }

    private struct Paused: Error {}
}

extension DeploymentView {
    /// Whether traffic is where it was before.
    var hasReturnedTraffic: Bool { undone.contains("return traffic") }

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
