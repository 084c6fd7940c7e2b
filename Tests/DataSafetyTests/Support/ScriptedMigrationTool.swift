// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// A migration tool with a history of revisions, which fails when a test says so.
final class ScriptedMigrationTool: MigrationTool {
    private struct Content {
        var applied: Int
        var failures: [Failure]
        var calls: [[MigrationRevision]] = []
        var statusFailure: Failure?
        var isEndless = false
        var isHollow = false
    }

    private let history: [PendingMigration]
    private let content: Mutex<Content>

    /// A history of so many revisions, of which some are applied; each apply fails with the next of
    /// `failures`.
    init(_ count: Int = 3, applied: Int = 1, failures: [Failure] = []) {
        history = (1...count)
            .map { PendingMigration(id: MigrationRevision("000\($0)"), title: "step \($0)") }
        content = Mutex(Content(applied: applied, failures: failures))
    }

    /// The targets of every call, in order.
    var calls: [[MigrationRevision]] { content.withLock { $0.calls } }

    /// Makes every later apply last until it is cancelled.
    func neverEnd() {
        content.withLock { $0.isEndless = true }
    }

    /// Makes every later call end well and change nothing.
    func doNothing() {
        content.withLock { $0.isHollow = true }
    }

    /// Makes every later look fail.
    func refuseStatus(_ failure: Failure) {
        content.withLock { $0.statusFailure = failure }
    }

    func status(of job: MigrationJob) async throws -> MigrationOutlook {
        try content.withLock { content in
            if let failure = content.statusFailure { throw failure }
            return MigrationOutlook(
                current: history.prefix(content.applied).last.map { [$0.id] } ?? [],
                pending: Array(history.dropFirst(content.applied)),
                targets: history.last.map { [$0.id] } ?? [],
            )
        }
    }

    func history(of job: MigrationJob) async throws -> [MigrationEntry] {
        history.enumerated()
            .map { index, migration in
                MigrationEntry(
                    id: migration.id,
                    title: migration.title,
                    parents: index == 0 ? [] : [history[index - 1].id],
                    isHead: index == history.count - 1,
                )
            }
    }

    func revert(_ entry: MigrationEntry, of job: MigrationJob) async throws {
        try content.withLock { content in
            if !content.failures.isEmpty { throw content.failures.removeFirst() }
            // Only the last one has nothing behind it.
            guard history[content.applied - 1].id == entry.id else {
                throw Failure(.migrationFailed, "\(entry.id) is not the last one")
            }
            if !content.isHollow { content.applied -= 1 }
        }
    }

    func drift(of job: MigrationJob) async throws -> [String]? { nil }

    func apply(
        _ targets: [MigrationRevision],
        of job: MigrationJob,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        await onLine("applying")
        if content.withLock({ $0.isEndless }) { try await ContinuousClock().sleep(for: .seconds(600)) }
        try content.withLock { content in
            content.calls.append(targets)
            if !content.failures.isEmpty { throw content.failures.removeFirst() }
            if !content.isHollow { content.applied = history.count }
        }
    }
}
