// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// A project for people: where its commits come from, its branches, and what keeps them from getting here.
enum ProjectText {
    static func lines(_ view: ProjectView, now: Date) -> String {
        var lines = ["\(view.name)   \(view.remote.map { "follows \($0)" } ?? "is pushed to OpsHub")"]
        if view.remote != nil {
            let every = view.interval.map { "every \(Duration.seconds($0).briefly)" } ?? ""
            let heard =
                view.answeredAt.map { "heard \(Duration.seconds(now.timeIntervalSince($0)).briefly) ago" }
                ?? "not heard yet"
            lines.append("  looked   \(every), \(heard)")
        }
        for branch in view.branches {
            let goal =
                branch.environments.isEmpty ? "" : " → \(branch.environments.joined(separator: ", "))"
            lines.append("  branch   \(branch.commit.prefix(7)) \(branch.branch)\(goal)")
        }
        return (lines + view.problems.map { "  PROBLEM  \($0)" }).joined(separator: "\n")
    }
}
