// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// A stretch of time of which any moment can be gone back to: base backups, and the whole log since the first of them.
public struct RecoveryWindow: Hashable, Sendable {
    /// Its first moment.
    public let from: Date
    /// Its last.
    public let to: Date
    /// What it begins with and goes through, oldest first.
    public let bases: [BackupID]
    /// Where it ends.
    let mark: LogMark

    /// Whether a moment is in it.
    public func contains(_ moment: Date) -> Bool { from <= moment && moment <= to }

    /// The windows that base backups and the segments that are there make, oldest first.
    ///
    /// - Parameters:
    ///   - record: How far the archive reaches.
    ///   - backups: Everything of this cluster in the catalogue.
    ///   - segments: What is there of the log.
    /// - Returns: One for each stream that can be gone back to. Where a segment is missing, only what follows it counts.
    static func all(
        _ record: LogRecord,
        _ backups: [Backup],
        _ segments: Set<LogSegment>,
    ) -> [RecoveryWindow] {
        record.marks
            .compactMap { mark in
                guard let first = firstWhole(before: mark.segment, segments) else { return nil }
                let bases =
                    backups.filter { backup in
                        guard backup.failure == nil, let content = backup.content, let base = content.base
                        else {
                            return false
                        }
                        return content.server.systemIdentifier == mark.system && base.stream == mark.stream
                            && base.timeline == mark.timeline && base.end <= mark.position
                            && base.first >= first
                    }
                    .sorted { $0.startedAt < $1.startedAt }
                guard let from = bases.compactMap(\.content?.writtenAt).min(), from <= mark.at else {
                    return nil
                }
                return RecoveryWindow(from: from, to: mark.at, bases: bases.map(\.id), mark: mark)
            }
    }

    /// The first of those that lead to `last` without a gap; nil when that itself is missing.
    private static func firstWhole(before last: LogSegment, _ segments: Set<LogSegment>) -> LogSegment? {
        guard segments.contains(last) else { return nil }
        var first = last
        while let previous = first.previous, segments.contains(previous) { first = previous }
        return first
    }
}
