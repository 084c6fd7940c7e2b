// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// Journal lines as people read them, with the time that has passed since the first.
struct JournalText {
    private var begin: Date?
    private var outputLines = 0

    /// The line's text; nil when it has nothing to say beyond the lines around it.
    mutating func render(_ line: JournalLine) -> String? {
        let start = begin ?? line.at
        begin = start
        // Moments are in milliseconds; between two of them there is often a tiny bit less.
        let elapsed = Duration.milliseconds((max(0, line.at.timeIntervalSince(start)) * 1000).rounded())
            .briefly
        let stamp = String(repeating: " ", count: max(0, 8 - elapsed.count)) + elapsed
        return body(line).map { "\(stamp)  \($0)" }
    }

    private func body(_ line: JournalLine) -> String? {
        let took = line.tookMilliseconds.map { " (\(Duration.milliseconds($0).briefly))" } ?? ""
        return switch line.kind {
        case .requested: line.text
        case .started: "▸ \(line.text)"
        case .output: "    │ \(line.text)"
        case .note: "    \(line.text)"
        case .finished: "✓ \(line.text)\(took)"
        case .failed: "✗ \(line.step ?? "")\(took): \(line.text)\(details(line.failure))"
        case .approvalAsked: "⏸ plan \(line.text.prefix(12)) waits for a yes: opshub approve"
        case .approved: "✓ \(line.text)"
        case .measured: "    \(line.text)"
        case .decisionAsked:
            "⏸ \(line.text); it is watched on until somebody says whether it is kept: opshub approve, or opshub reject"
        case .accepted: "✓ \(line.text)"
        case .approvalLapsed: "⟳ \(line.text)"
        case .undoing: "↶ \(line.text)"
        case .undone: "↶ \(line.text): done\(took)"
        case .undoFailed: "✗ \(line.step ?? ""): \(line.text); it will be tried again\(details(line.failure))"
        case .resumed: "⟳ \(line.text)"
        case .drifted: "≠ \(line.text)"
        case .healed: "✓ \(line.text)"
        case .ended: "■ \(line.text)" + ending(line)
        }
    }

    /// Where and why it ended; a failed step has said why already.
    private func ending(_ line: JournalLine) -> String {
        guard line.text != "succeeded" else { return "" }
        let why = line.text == "failed" ? nil : line.failure?.message
        return (line.step.map { " at the \($0)" } ?? "") + (why.map { ": \($0)" } ?? "")
    }

    private func details(_ failure: Failure?) -> String {
        let lines =
            (failure?.cause.map { ["cause: \($0)"] } ?? []) + (failure?.evidence ?? [])
            + (failure?.hint.map { ["hint: \($0)"] } ?? [])
        return lines.map { "\n              \($0)" }.joined()
    }
}
