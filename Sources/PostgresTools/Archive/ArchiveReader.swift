// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Reads what `pg_dump` writes in its custom format, uncompressed, as it goes by, and keeps none of it.
///
/// It finds which objects there are and how they are defined, and for each table how many rows and which.
/// The format is that of PostgreSQL's `pg_backup_archiver.c` and `pg_backup_custom.c`, versions 1.14 (PostgreSQL 12) to 1.16
/// (17): a header, a table of contents, then the data in blocks of chunks.
struct ArchiveReader {
    /// What was read so far.
    private(set) var contents = ArchiveContents()
    /// What it takes out besides.
    var extract: TableExtract?
    /// The rows that it takes out of every table; nil for none.
    var sample: ArchiveSample?

    private enum Stage {
        case header
        case entries(left: Int)
        /// Between two blocks of data.
        case block
        /// Within the data of a table or of large objects.
        case chunks(Data)
        /// Within a chunk.
        case chunk(Data, left: Int)
    }

    /// Whose data these are.
    private enum Data {
        case rows(table: String?, isWanted: Bool)
        /// Several objects in a block, one after another; 0 between two.
        case objects(current: Int)
    }

    private var stage = Stage.header
    private var format = ArchiveFormat()
    private var buffer: [UInt8] = []
    private var position = 0
    private var tables: [Int: String] = [:]
    private var rows = RowDigest()

    /// Takes the next bytes.
    ///
    /// Throws `backup-failed` when they are not what the format says.
    mutating func read(_ bytes: [UInt8]) throws(Failure) {
        buffer += bytes
        do throws(ArchiveBytes.Lack) {
            while try step() {}
        } catch {
            switch error {
            case .more: break  // Goes on with the next bytes.
            case .sense(let what): throw Self.unreadable(what)
            }
        }
        buffer.removeSubrange(..<position)
        position = 0
    }

    /// What was in it; throws `backup-failed` when it ended too early.
    mutating func finish() throws(Failure) -> ArchiveContents {
        switch stage {
        case .block where buffer.isEmpty: return contents
        case .header, .entries, .block, .chunks, .chunk:
            throw Self.unreadable("it ends in the middle")
        }
    }

    /// Whether every object's definition has come.
    var knowsObjects: Bool {
        switch stage {
        case .header, .entries: false
        case .block, .chunks, .chunk: true
        }
    }

    private static func stage(before entries: Int) -> Stage {
        entries > 0 ? .entries(left: entries) : .block
    }

    private static func unreadable(_ what: String) -> Failure {
        Failure(.backupFailed, "what pg_dump wrote can't be read: \(what)")
    }

    /// Reads one thing; false when there are no bytes left.
    ///
    /// Throws when there are too few: then nothing has changed.
    private mutating func step() throws(ArchiveBytes.Lack) -> Bool {
        guard position < buffer.count else { return false }
        var bytes = ArchiveBytes(buffer: buffer, position: position, format: format)
        switch stage {
        case .header:
            format = try bytes.header()
            stage = Self.stage(before: try bytes.integer())
        case .entries(let left):
            let entry = try bytes.entry()
            contents.add(entry)
            extract?.add(entry)
            sample?.add(entry)
            if entry.kind == "TABLE DATA" { tables[entry.id] = entry.name }
            stage = Self.stage(before: left - 1)
        case .block:
            let kind = try bytes.byte()
            let id = try bytes.integer()
            switch kind {
            case 1:
                // Anything else with data, such as a comment on them, has none that count.
                let table = tables[id]
                sample?.begin(id)
                stage = .chunks(.rows(table: table, isWanted: table != nil && table == extract?.table))
                rows = RowDigest()
            case 3:
                stage = .chunks(.objects(current: 0))
            default: throw .sense("a block of data begins with \(kind)")
            }
        case .chunks(.objects(0)):
            let object = try bytes.integer()
            stage = object == 0 ? .block : .chunks(.objects(current: object))
            if object != 0 { rows = RowDigest(object: object) }
        case .chunks(let data):
            // A row is a chunk, so that most of the time is spent here.
            while true {
                let size = try bytes.integer()
                guard size >= 0 else { throw .sense("a chunk of \(size) bytes") }
                guard size > 0 else {
                    end(data)
                    break
                }
                let count = min(size, buffer.count - bytes.position)
                add(bytes.position..<bytes.position + count, to: data)
                bytes.position += count
                position = bytes.position
                guard count == size else {
                    stage = .chunk(data, left: size - count)
                    return true
                }
            }
        case .chunk(let data, let left):
            let count = min(left, buffer.count - position)
            add(position..<position + count, to: data)
            bytes.position += count
            stage = count == left ? .chunks(data) : .chunk(data, left: left - count)
        }
        position = bytes.position
        return true
    }

    private mutating func add(_ range: Range<Int>, to data: Data) {
        switch data {
        case .rows(_, let isWanted):
            rows.add(lines: buffer, range)
            if isWanted { extract?.add(buffer[range]) }
            sample?.add(buffer[range])
        case .objects: rows.add(piece: buffer, range)
        }
    }

    private mutating func end(_ data: Data) {
        switch data {
        case .rows(let table, _):
            if let table {
                contents.tables[table] = TableFingerprint(
                    rows: rows.count,
                    digest: rows.digest,
                    size: ByteCount(rows.size),
                )
            }
            stage = .block
        case .objects:
            contents.addLargeObject(rows)
            stage = .chunks(.objects(current: 0))
        }
    }
}
