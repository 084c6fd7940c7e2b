// SPDX-License-Identifier: Apache-2.0
import API
import Client
import Core

/// What verbs that start a deployment do afterwards.
struct Following {
    let json: Bool
    let noWait: Bool
    /// Whether the deployment is one that a rollback takes back, so that it has done well when traffic has returned.
    var takesBack = false

    /// Follows the deployment to its verdict, or only says that it was accepted.
    func show(_ deployment: DeploymentView, _ client: ControlPlaneClient) async throws {
        guard !noWait else {
            return try Output.render(deployment, json: json) {
                "\(deployment.id) \(deployment.project)/\(deployment.environment) \(deployment.release) accepted; follow it: opshub events \(deployment.id) --follow"
            }
        }
        if !json {
            Output.line(
                deployment.restores.map {
                    "\(deployment.id): restore of \($0) in \(deployment.project)/\(deployment.environment)"
                }
                    ?? (takesBack
                        ? "\(deployment.id) had sent traffic to \(deployment.release) and is taken back"
                        : "\(deployment.id): \(deployment.kind) \(deployment.release) (\(deployment.commit.prefix(7)) \(deployment.subject)) to \(deployment.project)/\(deployment.environment)")
            )
        }
        let watch = InterruptWatch {
            Output.say(
                "\n\(deployment.id) goes on. Follow it: opshub events \(deployment.id) --follow    stop it: opshub cancel \(deployment.id)"
            )
        }
        defer { watch.end() }
        let follower = DeploymentFollower(
            client: client,
            id: deployment.id,
            json: json,
            takesBack: takesBack,
        )
        let ended = try await follower.follow()
        guard !json, let traffic = ended.traffic, !traffic.isEmpty else { return }
        let served = traffic.values.reduce(0) { $0 + $1.served }
        let failed = traffic.values.reduce(0) { $0 + $1.failed }
        Output.line("requests while it ran: \(served) served, \(failed) failed")
    }
}
