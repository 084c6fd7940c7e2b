// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials
import Synchronization

/// How far something long has come that is being done with a backup at this moment.
public struct BackupProgress: Hashable, Sendable {
    /// What is being done.
    public enum Stage: String, Hashable, Sendable {
        /// Something else works on the same database.
        case waiting
        /// A server goes back to a moment.
        case recovering
        /// Its bytes are being written.
        case dumping
        /// Its file is being hashed.
        case hashing
        /// Its bytes are being restored.
        case restoring
        /// What came back is being read and compared.
        case comparing
        /// It is being sent to a store.
        case sending
        /// It is being read back from there.
        case readingBack = "reading back"
    }

    /// What is being done.
    public var stage: Stage
    /// Since when.
    public var since: Date
    /// How many bytes of the dump have passed, as they were dumped.
    public var done: ByteCount
    /// How many there will be; of a dump as many as last time, nil when nobody knows.
    public var total: ByteCount?
}

/// What is under way in this process.
final class ProgressBoard: Sendable {
    private let entries = Mutex<[BackupID: BackupProgress]>([:])

    /// Begins a stage, in place of the one before.
    func begin(_ stage: BackupProgress.Stage, of id: BackupID, total: ByteCount? = nil, at now: Date) {
        entries.withLock {
            $0[id] = BackupProgress(stage: stage, since: now, done: ByteCount(0), total: total)
        }
    }

    /// Counts bytes of the present stage; that a server goes back to a moment ends with the first of them.
    func add(_ count: Int, to id: BackupID, at now: @autoclosure () -> Date = Date()) {
        entries.withLock { entries in
            guard let bytes = entries[id]?.done.bytes else { return }
            if entries[id]?.stage == .recovering {
                entries[id]?.stage = .dumping
                entries[id]?.since = now()
            }
            entries[id]?.done = ByteCount(bytes + Int64(count))
        }
    }

    /// Nothing is under way any more.
    func end(_ id: BackupID) { entries.withLock { $0[id] = nil } }

    /// Where something has come to; nil when nothing is under way.
    func entry(_ id: BackupID) -> BackupProgress? { entries.withLock { $0[id] } }
}
