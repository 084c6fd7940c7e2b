// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Dumps that nobody waits for, and that end as soon as somebody does: a deployment shall not wait for one on schedule.
final class GivingWay: Sendable {
    private let dumps = Mutex<[DatabaseTarget: Task<Backup, any Error>]>([:])

    /// Makes a dump that gives way.
    ///
    /// - Parameters:
    ///   - database: Of what.
    ///   - body: Makes it.
    /// - Returns: What was made; nil when it gave way.
    /// - Throws: What `body` throws.
    func run(
        _ database: DatabaseTarget,
        _ body: @escaping @Sendable () async throws -> Backup,
    ) async throws -> Backup? {
        let dump = Task(name: "dump that gives way") { try await body() }
        dumps.withLock { $0[database] = dump }
        defer { dumps.withLock { $0[database] = nil } }
        do {
            return try await withTaskCancellationHandler {
                try await dump.value
            } onCancel: {
                dump.cancel()
            }
        } catch is CancellationError where !Task.isCancelled {
            return nil
        }
    }

    /// Ends the one of a database, if there is one, and returns once it has ended.
    func end(_ database: DatabaseTarget) async {
        guard let dump = dumps.withLock({ $0[database] }) else { return }
        dump.cancel()
        _ = await dump.result
    }
}
