// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials

/// How `git log` is asked to write commits, and how that is read: hash, time, author and subject, one commit
/// a line.
///
/// None of them can hold a line break.
enum CommitFormat {
    /// The option of `git log`.
    static let option = "--format=%H%x00%ct%x00%an%x00%s"

    /// Reads what `git log` wrote; throws `unexpected` when it is something else.
    static func read(_ output: String) throws(Failure) -> [Commit] {
        var commits: [Commit] = []
        for line in output.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: 0, omittingEmptySubsequences: false).map { String($0) ?? "" }
            guard fields.count == 4, let seconds = Double(fields[1]) else {
                throw Failure(
                    .unexpected,
                    "git wrote a commit that can't be read",
                    evidence: [String(line) ?? ""],
                )
            }
            commits.append(
                Commit(
                    id: CommitID(fields[0]),
                    subject: fields[3],
                    author: fields[2],
                    committedAt: Date(timeIntervalSince1970: seconds),
                )
            )
        }
        return commits
    }
}
