// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials

/// The answer to "can I roll back?", for people.
enum RollbackAnswerText {
    static func lines(_ answer: RollbackAnswerView, now: Date = .now) -> String {
        var lines = ["\(answer.serving) → \(answer.release): \(headline(answer, now))"]
        lines += answer.reasons.map { "  because    \($0)" }
        lines += answer.migrations.map { "  migration  \($0)" }
        if answer.way == "restore" || answer.way == "down-migration" {
            if answer.way == "down-migration" {
                lines.append(
                    "  to do      opshub rollback -e ENV --to \(answer.release) --with-schema takes them back with it; or"
                )
            }
            if let backup = answer.backup { lines.append("  backup     \(backup)") }
            lines.append(
                answer.backup.map {
                    "  to do      opshub backup restore \($0) -e ENV --dry-run shows what would be lost;"
                }
                    ?? "  to do      bring the schema back yourself, or push a commit that mends what is wrong;"
            )
            lines.append(
                "             --force tries \(answer.release) with the schema as it is, and its gates decide"
            )
        }
        return lines.joined(separator: "\n")
    }

    private static func headline(_ answer: RollbackAnswerView, _ now: Date) -> String {
        switch answer.way {
        case "instant":
            let left = answer.until.map { max(0, $0.timeIntervalSince(now)) }
            return "instant" + (left.map { ", for another \(Duration.seconds($0).briefly)" } ?? "")
        case "restart": return "it is started again first, and passes its gates"
        case "rebuild": return "its commit is built again: opshub deploy --ref \(answer.commit.prefix(12))"
        case "down-migration": return "only with a down migration"
        default:
            let since = answer.losesSince.map { ", losing what was written since \($0.formatted(.iso8601))" }
            return "only with a restore of the database" + (since ?? "")
        }
    }
}
