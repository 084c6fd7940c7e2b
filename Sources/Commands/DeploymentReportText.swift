// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// A deployment's report for people: when each step ran, what gates saw, who said yes, how it ended.
enum DeploymentReportText {
    /// One step, as long as it took.
    private struct Bar {
        let name: String
        let begin: Date
        var end: Date
        var mark = " "
    }

    /// How many characters the whole deployment is long.
    private static let width = 40

    static func lines(_ report: DeploymentReport) -> String {
        let deployment = report.deployment
        var lines = [
            "\(deployment.id) \(deployment.state): \(deployment.release) (\(deployment.commit.prefix(7)) \(deployment.subject)) to \(deployment.project)/\(deployment.environment)",
            "  asked for  \(deployment.requestedBy), \(deployment.requestedAt.formatted(.iso8601))",
        ]
        if let plan = deployment.plan?.digest { lines.append("  plan       \(plan.prefix(12))") }
        lines += deployment.approvals.map { approval in
            let address = approval.from.map { " from \($0)" } ?? ""
            let comment = approval.comment.map { ": \($0)" } ?? ""
            return "  approved   \(approval.by)\(address), \(approval.at.formatted(.iso8601))\(comment)"
        }
        if let ended = deployment.endedAt {
            let took = Duration.seconds(ended.timeIntervalSince(deployment.requestedAt)).briefly
            lines.append("  took       \(took), from the order to the verdict")
        }
        lines += traffic(report)
        lines += [""] + waterfall(report.journal)
        let notes = report.journal.filter { [.note, .measured, .decisionAsked, .accepted].contains($0.kind) }
        if !notes.isEmpty {
            lines.append("")
            lines += notes.map { "  \(column($0.step ?? "", 28))\($0.text)" }
        }
        if let failure = deployment.failure {
            lines += ["", "  \(deployment.step.map { "at the \($0): " } ?? "")\(failure.message)"]
            lines += failure.evidence.map { "    \($0)" }
            if let hint = failure.hint { lines.append("  hint: \(hint)") }
        }
        lines += logs(report)
        for line in report.journal where line.kind == .drifted || line.kind == .healed {
            lines.append("  after      \(line.at.formatted(.iso8601)) \(line.text)")
        }
        return lines.joined(separator: "\n")
    }

    /// What visitors met before, meanwhile, and since.
    private static func traffic(_ report: DeploymentReport) -> [String] {
        let during = (report.deployment.traffic ?? [:]).sorted { $0.key < $1.key }
            .map { "\($0.key) \(requests($0.value))" }
        return (report.before.map { ["  before     \(inWords($0))"] } ?? [])
            + (during.isEmpty ? [] : ["  meanwhile  \(during.joined(separator: "; "))"])
            + (report.after.map { ["  since      \(inWords($0))"] } ?? [])
    }

    private static func inWords(_ period: DeploymentReport.Period) -> String {
        let length = Duration.seconds(period.to.timeIntervalSince(period.from)).briefly
        let least = period.isPartial ? "at least " : ""
        return "\(least)\(requests(period.traffic)) in \(length)"
    }

    private static func requests(_ traffic: TrafficView) -> String {
        "\(traffic.served) request\(traffic.served == 1 ? "" : "s"), \(traffic.failed) failed"
    }

    /// The end of its instances' logs, unless the failure shows it already.
    private static func logs(_ report: DeploymentReport) -> [String] {
        guard report.deployment.failure?.evidence.contains(where: { $0.hasPrefix("last lines of ") }) != true
        else { return [] }
        var lines: [String] = []
        var last: String?
        for line in report.logs {
            let instance = "\(line.instance) in \(line.slot)"
            if instance != last { lines += ["", "  last lines of \(instance):"] }
            last = instance
            lines.append("    \(line.text)")
        }
        return lines
    }

    private static func waterfall(_ journal: [JournalLine]) -> [String] {
        let bars = bars(journal)
        guard let begin = bars.map(\.begin).min(), let end = bars.map(\.end).max() else { return [] }
        let whole = max(0.001, end.timeIntervalSince(begin))
        return bars.map { bar in
            let from = Int(bar.begin.timeIntervalSince(begin) / whole * Double(width))
            let length = max(
                1,
                Int((bar.end.timeIntervalSince(bar.begin) / whole * Double(width)).rounded()),
            )
            let start = min(from, width - 1)
            let drawn =
                String(repeating: " ", count: start)
                + String(repeating: "█", count: min(length, width - start))
            let took = Duration.milliseconds((bar.end.timeIntervalSince(bar.begin) * 1000).rounded()).briefly
            return "\(bar.mark) \(column(bar.name, 28))\(column(drawn, width + 2))\(took)"
        }
    }

    /// A step that was resumed is one bar, from its first beginning to its end.
    private static func bars(_ journal: [JournalLine]) -> [Bar] {
        var bars: [Bar] = []
        var open: [String: Int] = [:]
        for line in journal {
            guard let step = line.step else { continue }
            let name = [.undoing, .undone, .undoFailed].contains(line.kind) ? "↶ \(step)" : step
            switch line.kind {
            case .started, .undoing, .approvalAsked:
                guard open[name] == nil else { continue }
                open[name] = bars.count
                bars.append(Bar(name: name, begin: line.at, end: line.at))
            case .finished, .undone, .failed, .approved:
                guard let index = open[name] else { continue }
                bars[index].end = line.at
                if line.kind == .failed { bars[index].mark = "✗" }
                if line.kind != .approved { open[name] = nil }
            default:
                // Something was said of a step that runs.
                if let index = open[name] { bars[index].end = line.at }
            }
        }
        return bars
    }

    private static func column(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
