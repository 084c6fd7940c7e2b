// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// An environment for people, on half a screen: where it should be, where it is, and what is not as it should be.
enum StatusText {
    static func lines(_ view: EnvironmentView, now: Date) -> String {
        var lines = ["\(view.project)/\(view.environment)" + (view.addresses.first.map { "   \($0)" } ?? "")]
        if let serving = view.serving {
            let since = Duration.seconds(now.timeIntervalSince(serving.since)).briefly
            let traffic = view.isMoving ? "until the verdict of \(view.deployment?.id ?? "")" : view.traffic
            lines.append(
                "  serving  \(serving.release) \(serving.commit.prefix(7)) \(serving.subject), for \(since), \(traffic ?? "edge unknown")"
            )
        } else {
            let traffic = view.traffic.flatMap {
                $0 == "nowhere" ? nil : ": its first release is being watched, \($0)"
            }
            lines.append("  serving  nothing yet\(traffic ?? "")")
        }
        if let desired = view.desired { lines.append("  desired  \(text(desired, view.serving))") }
        if let warm = view.warm, let until = view.warmUntil {
            let left = Duration.seconds(max(0, until.timeIntervalSince(now))).briefly
            lines.append(
                "  warm     \(warm.release) \(warm.commit.prefix(7)) \(warm.subject), for another \(left)"
            )
        }
        let running = view.instances.filter { $0.release == view.serving?.release }
        if !running.isEmpty {
            let names = running.map { "\($0.service).\($0.replica) \($0.state) :\($0.port)" }
            lines.append("  running  \(names.joined(separator: ", "))")
        }
        if let deployment = view.deployment {
            let step = deployment.step.map { " at the \($0)" } ?? ""
            lines.append(
                deployment.isOver
                    ? "  last     \(deployment.id) \(deployment.state)\(deployment.state == "succeeded" ? "" : step)"
                    : "  now      \(deployment.id) \(deployment.state)\(step), \(deployment.release) \(deployment.subject)"
                        + (view.isMoving ? ", new requests: \(view.traffic ?? "")" : "")
            )
            if deployment.state.hasPrefix("awaiting-") {
                lines.append("           opshub approve \(deployment.id), or opshub reject \(deployment.id)")
            }
        }
        for drift in view.drift {
            let since = Duration.seconds(max(0, now.timeIntervalSince(drift.since))).briefly
            let way =
                drift.heals ? "will be put right" : "deploy again, or say heal: [\(drift.kind)] in opshub.yml"
            lines.append("  DRIFT    \(drift.text) (found \(since) ago; \(way))")
        }
        return (lines + view.problems.map { "  PROBLEM  \($0)" }).joined(separator: "\n")
    }

    /// The newest commit of the branch, and what keeps it from serving if it does not.
    private static func text(_ desired: DesiredView, _ serving: ServingView?) -> String {
        let commit = "\(desired.branch) is at \(desired.commit.prefix(7)) \(desired.subject)"
        if serving?.commit == desired.commit { return "\(commit), which serves" }
        let tried = desired.deployment.map { "\($0) \(desired.state ?? "")" } ?? "it was not deployed here"
        return "\(commit), which does NOT serve: \(tried)"
    }
}

extension EnvironmentView {
    /// Whether traffic is somewhere else than where the last verdict left it, because a deployment is under way.
    fileprivate var isMoving: Bool {
        guard let serving, let traffic, let deployment, !deployment.isOver else { return false }
        return traffic != "100% \(serving.slot)"
    }
}
