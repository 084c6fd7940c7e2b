// SPDX-License-Identifier: Apache-2.0
import API
import Core

/// Migrations, for people.
enum MigrationText {
    static func lines(_ view: MigrationStatusView) -> String {
        var lines = [
            "\(view.release): the schema is at \(view.current.isEmpty ? "its very beginning" : view.current.joined(separator: " and "))"
        ]
        lines += view.pending.map { "  pending  \($0.revision) \($0.title)" }
        lines += view.unknown.map { "  unknown  \($0): applied, and not in this release" }
        if view.pending.isEmpty, view.unknown.isEmpty { lines.append("  nothing is pending") }
        return lines.joined(separator: "\n")
    }

    static func lines(_ verdicts: [MigrationVerdictView], _ plan: PlanView) -> String {
        guard !plan.migrations.isEmpty else { return "nothing is pending" }
        var lines: [String] = []
        for verdict in verdicts {
            lines.append("\(verdict.revision): \(verdict.verdict)")
            for finding in verdict.findings {
                lines.append("  \(finding.sentence)")
                if let advice = finding.advice { lines.append("  → \(advice)") }
            }
            if let remark = verdict.remark { lines.append("  \(remark)") }
        }
        return (lines + (plan.refusals ?? []).map { "refused: \($0)" }).joined(separator: "\n")
    }

    static func lines(_ view: WayBackView) -> String {
        guard !view.migrations.isEmpty else { return "the schema is there already" }
        var lines = view.migrations.map { "  takes back  \($0.revision) \($0.title)" }
        lines += view.losses.map { "  loses       \($0)" }
        lines += view.objections.map { "  ✗ \($0)" }
        if view.objections.isEmpty { lines.append("  each goes back wholly, as an empty server has shown") }
        return lines.joined(separator: "\n")
    }

    static func lines(_ view: VerificationView) -> String {
        var lines: [String] = []
        for entry in view.entries {
            lines.append("\(mark(entry)) \(entry.revision) \(entry.title)")
            lines += entry.findings.map { "    \($0)" }
        }
        lines += notes(view)
        return lines.joined(separator: "\n")
    }

    static func markdown(_ view: VerificationView) -> String {
        var lines = ["### Migrations of \(view.release)", "", "| | revision | |", "|---|---|---|"]
        for entry in view.entries {
            let findings =
                entry.findings.isEmpty ? "clean" : entry.findings.map(cell).joined(separator: "<br>")
            lines.append("| \(mark(entry)) | `\(entry.revision)` \(cell(entry.title)) | \(findings) |")
        }
        return (lines + [""] + notes(view).map { "- \(cell($0))" }).joined(separator: "\n")
    }

    private static func notes(_ view: VerificationView) -> [String] {
        var lines = view.rows ?? []
        if view.entries.isEmpty { lines.append("✗ there are no migrations, so nothing is proven") }
        lines += (view.general ?? []).map { "✗ \($0)" }
        if view.drift == nil, !view.entries.isEmpty, !view.entries.contains(where: { $0.state == "mistake" })
        {
            lines.append(
                "· models were not compared with the schema: Alembic's are, where env.py names them (target_metadata)"
            )
        }
        let counts = ["clean", "note", "mistake"].map { state in view.entries.count { $0.state == state } }
        let words =
            "\(view.entries.count) migration\(view.entries.count == 1 ? "" : "s"): \(counts[0]) clean, \(counts[1]) with a remark, \(counts[2]) to be mended"
        return lines + ["\(words) (\(Duration.seconds(view.took).briefly))"]
    }

    private static func mark(_ entry: VerificationView.Entry) -> String {
        switch entry.state {
        case "clean": "✓"
        case "note": "·"
        default: "✗"
        }
    }

    /// Text in a table of a pull request: on one line, and as it is.
    private static func cell(_ text: String) -> String {
        text.map { character in
            switch character {
            case _ where character.isNewline: " "
            case "&", "<", "|", "`", "*", "[", "]", "@", "~", "\\":
                "&#\(character.unicodeScalars.first?.value ?? 0);"
            default: String(character)
            }
        }
        .joined()
    }
}
