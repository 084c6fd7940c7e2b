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
    private struct Entry {
        var progress: BackupProgress
        /// How far each of those that read the same bytes has come, by its number.
        var readings: [Int: Int64] = [:]
        /// Whether any has come to the end.
        var isRead = false
    }

    private let entries = Mutex<[BackupID: Entry]>([:])

    /// Begins a stage, in place of the one before.
    func begin(_ stage: BackupProgress.Stage, of id: BackupID, total: ByteCount? = nil, at now: Date) {
        entries.withLock {
            $0[id] = Entry(
                progress: BackupProgress(stage: stage, since: now, done: ByteCount(0), total: total)
            )
        }
    }

    /// Counts bytes of the present stage; that a server goes back to a moment ends with the first of them.
    func add(_ count: Int, to id: BackupID, at now: @autoclosure () -> Date = Date()) {
        entries.withLock { entries in
            guard let bytes = entries[id]?.progress.done.bytes else { return }
            if entries[id]?.progress.stage == .recovering {
                entries[id]?.progress.stage = .dumping
                entries[id]?.progress.since = now()
            }
            entries[id]?.progress.done = ByteCount(bytes + Int64(count))
        }
    }

    /// Begins to restore, in place of what was before, unless that is under way: the same bytes may be read by several at a time.
    ///
    /// - Returns: The number of a reading.
    func beginReading(of id: BackupID, total: ByteCount, at now: Date) -> Int {
        entries.withLock { entries in
            if entries[id]?.progress.stage != .restoring {
                entries[id] = Entry(
                    progress: BackupProgress(stage: .restoring, since: now, done: ByteCount(0), total: total)
                )
            }
            let number = (entries[id]?.readings.keys.max() ?? 0) + 1
            entries[id]?.readings[number] = 0
            return number
        }
    }

    /// Counts bytes of a reading; whoever is the last says how far all have come.
    func add(_ count: Int, to id: BackupID, reading: Int) {
        entries.withLock { entries in
            entries[id]?.readings[reading]? += Int64(count)
            guard let least = entries[id]?.readings.values.min() else { return }
            entries[id]?.progress.done = ByteCount(least)
        }
    }

    /// Ends a reading; the last one that has come to the end is followed by comparing.
    func endReading(_ reading: Int, of id: BackupID, isWhole: Bool, at now: Date) {
        entries.withLock { entries in
            entries[id]?.readings[reading] = nil
            if isWhole { entries[id]?.isRead = true }
            guard let entry = entries[id], entry.isRead, entry.readings.isEmpty else { return }
            entries[id] = Entry(
                progress: BackupProgress(stage: .comparing, since: now, done: ByteCount(0), total: nil)
            )
        }
    }

    /// Nothing is under way any more.
    func end(_ id: BackupID) { entries.withLock { $0[id] = nil } }

    /// Where something has come to; nil when nothing is under way.
    func entry(_ id: BackupID) -> BackupProgress? { entries.withLock { $0[id]?.progress } }
}
