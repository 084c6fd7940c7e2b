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
        /// It is being brought back from there.
        case fetching
    }

    /// What is being done.
    public var stage: Stage
    /// Since when.
    public var since: Date
    /// How many bytes have passed: of the dump as it was dumped, or of its file where that is hashed, sent or fetched.
    public var done: ByteCount
    /// How many there will be; of a dump as many as last time, nil when nobody knows.
    public var total: ByteCount?
}

/// What is under way in this process.
final class ProgressBoard: Sendable {
    private struct Entry {
        var progress: BackupProgress
        /// Whose it is; nil when the catalogue says so.
        var environment: EnvironmentKey?
        /// Who is reading, by its number; whether it reads a part alone.
        var readings: [Int: Bool] = [:]
        /// How many there were, and when the first of them began.
        var count = 0
        var restoringSince: Date?
        /// What those have read that read parts.
        var parts: Int64 = 0
        /// What the last one has read that reads everything, and whether it came to the end.
        var whole: Int64 = 0
        var isWhole = false
    }

    private let entries = Mutex<[BackupID: Entry]>([:])

    /// Begins a stage, in place of the one before.
    ///
    /// - Parameters:
    ///   - stage: What is done.
    ///   - id: With which backup.
    ///   - environment: Whose that is, where the catalogue may not know it.
    ///   - total: How many bytes there will be; nil when nobody knows.
    ///   - now: The time.
    func begin(
        _ stage: BackupProgress.Stage,
        of id: BackupID,
        in environment: EnvironmentKey? = nil,
        total: ByteCount? = nil,
        at now: Date,
    ) {
        let progress = BackupProgress(stage: stage, since: now, done: ByteCount(0), total: total)
        entries.withLock { $0[id] = Entry(progress: progress, environment: environment) }
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

    /// Begins to restore, in place of what was before, unless that is under way: parts may be read by several at a time, one after another.
    ///
    /// - Parameters:
    ///   - id: What is read.
    ///   - total: All that there is of it.
    ///   - isPart: Whether a part of it is read.
    ///   - now: The time.
    /// - Returns: The number of the reading.
    func beginReading(of id: BackupID, total: ByteCount, isPart: Bool = false, at now: Date) -> Int {
        entries.withLock { entries in
            var progress = BackupProgress(stage: .restoring, since: now, done: ByteCount(0), total: total)
            var entry = Entry(progress: progress, count: entries[id]?.count ?? 0)
            if isPart, let before = entries[id], before.parts > 0 || !before.readings.isEmpty {
                progress.since = before.restoringSince ?? now
                progress.done = ByteCount(min(before.parts, total.bytes))
                entry = before
            }
            (entry.progress, entry.restoringSince) = (progress, progress.since)
            entry.count += 1
            entry.readings[entry.count] = isPart
            entries[id] = entry
            return entry.count
        }
    }

    /// Counts bytes of a reading.
    func add(_ count: Int, to id: BackupID, reading: Int) {
        entries.withLock { entries in
            guard var entry = entries[id], let isPart = entry.readings[reading] else { return }
            if isPart { entry.parts += Int64(count) } else { entry.whole += Int64(count) }
            entry.progress.done = ByteCount(
                min(isPart ? entry.parts : entry.whole, entry.progress.total?.bytes ?? .max)
            )
            entries[id] = entry
        }
    }

    /// Ends a reading; the last one of those that have read everything, or parts, is followed by comparing.
    func endReading(_ reading: Int, of id: BackupID, isWhole: Bool, at now: Date) {
        entries.withLock { entries in
            guard var entry = entries[id] else { return }
            entry.readings[reading] = nil
            if isWhole { entry.isWhole = true }
            if entry.readings.isEmpty, entry.isWhole || entry.parts > 0 {
                entry.progress = BackupProgress(
                    stage: .comparing,
                    since: now,
                    done: ByteCount(0),
                    total: nil,
                )
            }
            entries[id] = entry
        }
    }

    /// Nothing is under way any more.
    func end(_ id: BackupID) { entries.withLock { $0[id] = nil } }

    /// Where something has come to; nil when nothing is under way.
    func entry(_ id: BackupID) -> BackupProgress? { entries.withLock { $0[id]?.progress } }

    /// Where everything has come to that is under way.
    var all: [(id: BackupID, environment: EnvironmentKey?, progress: BackupProgress)] {
        entries.withLock { entries in entries.map { ($0.key, $0.value.environment, $0.value.progress) } }
    }
}
