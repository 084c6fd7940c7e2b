// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization

/// What is wrong with archives at this moment.
final class ArchiveProblems: Sendable {
    private let entries = Mutex<[DatabaseTarget: Failure]>([:])

    /// Something is.
    func note(_ failure: Failure, of cluster: DatabaseTarget) { entries.withLock { $0[cluster] = failure } }

    /// Nothing is any more.
    func end(_ cluster: DatabaseTarget) { entries.withLock { $0[cluster] = nil } }

    /// What is; nil for nothing that anybody knows of.
    func entry(_ cluster: DatabaseTarget) -> Failure? { entries.withLock { $0[cluster] } }
}
