// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
import HostSystem

/// A folder that svlogd(8) writes to: `current`, and files `@…` that were put aside, whose names sort by time.
public struct LogFolder: Sendable {
    /// The folder.
    public let path: String

    /// A folder by its path.
    public init(path: String) {
        self.path = path
    }

    /// The last lines, or the first ones behind a cursor.
    ///
    /// Where the cursor's file is gone: the oldest that are left.
    public func page(after cursor: LogCursor?, limit: Int) throws(Failure) -> LogPage {
        let limit = max(0, limit)
        guard let cursor else { return try lastPage(limit) }
        let position = try LogPosition(cursor)
        let files = try newestFirst { $0.name <= position.file }
        var lines: [(line: LogLine, next: LogPosition)] = []
        for file in files.reversed() where lines.count < limit && file.name >= position.file {
            let offset = file.name == position.file ? position.offset : 0
            lines += file.lines(from: offset, limit: limit - lines.count)
        }
        return LogPage(lines: lines.map(\.line), next: lines.last?.next.cursor ?? cursor)
    }

    private func lastPage(_ limit: Int) throws(Failure) -> LogPage {
        var count = 0
        let files = try newestFirst { file in
            count += file.lines(from: 0, limit: .max).count
            return count >= limit
        }
        let lines = files.reversed().flatMap { $0.lines(from: 0, limit: .max).map(\.line) }
        return LogPage(lines: lines.suffix(limit), next: files.first?.end.cursor)
    }

    /// Files from the newest back to the first for which `isEnough` says so.
    ///
    /// `current` is read before the others are listed, so that one that is put aside meanwhile is seen twice rather than
    /// not at all; the later reading, which is whole, is the one that counts.
    private func newestFirst(until isEnough: (LogFile) -> Bool) throws(Failure) -> [LogFile] {
        let current = try FileContent.bytes(of: "\(path)/current").flatMap { LogFile($0, isCurrent: true) }
        var files: [LogFile] = []
        for name in try Folder.names(in: path).filter({ $0.hasPrefix("@") }).reversed() {
            // One that was deleted meanwhile was the oldest.
            guard
                let file = try FileContent.bytes(of: "\(path)/\(name)")
                    .flatMap({
                        LogFile($0, isCurrent: false)
                    })
            else {
                continue
            }
            if files.isEmpty, let current, current.name > file.name {
                files.append(current)
                if isEnough(current) { return files }
            }
            files.append(file)
            if isEnough(file) { return files }
        }
        if files.isEmpty, let current { files.append(current) }
        return files
    }
}
