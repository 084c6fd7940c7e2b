// SPDX-License-Identifier: Apache-2.0
import Core

/// Whose data a walk is among.
enum ArchiveData: Hashable {
    /// The rows of a table, by the number of its data.
    case rows(Int)
    /// A large object; several lie in a block, one after another.
    case object(Int)
}

/// Is told what is in an archive that goes by.
protocol ArchiveVisitor {
    /// A line of the table of contents.
    mutating func visit(_ entry: ArchiveEntry)
    /// Data begin in the block that begins at `place`, in bytes of the archive.
    mutating func begin(_ data: ArchiveData, at place: Int64)
    /// More of these data: some bytes of a buffer.
    mutating func take(_ buffer: [UInt8], _ range: Range<Int>)
    /// The data that began last have ended, `place` is where the next may begin.
    mutating func end(at place: Int64)
}

/// Reads what `pg_dump` writes in its custom format, uncompressed, as it goes by, and keeps none of it.
///
/// The format is that of PostgreSQL's `pg_backup_archiver.c` and `pg_backup_custom.c`, versions 1.14 (PostgreSQL 12) to 1.16
/// (17): a header, a table of contents, then the data in blocks of chunks.
struct ArchiveWalk<Visitor: ArchiveVisitor> {
    /// Who is told.
    var visitor: Visitor

    private enum Stage {
        case header
        case entries(left: Int)
        /// Between two blocks of data.
        case block
        /// Between two large objects of a block, the first of which it began with.
        case objects
        /// Within data.
        case chunks
        /// Within a chunk.
        case chunk(left: Int)
    }

    private var stage = Stage.header
    private var format = ArchiveFormat()
    private var buffer: [UInt8] = []
    private var position = 0
    /// Bytes of the archive before the buffer.
    private var before: Int64 = 0
    /// Where the block begins that it is in, and whether it is one of large objects.
    private var (block, hasObjects): (Int64, Bool) = (0, false)

    /// A walk from the beginning.
    init(_ visitor: Visitor) { self.visitor = visitor }

    /// A walk from where a block of data begins.
    init(_ visitor: Visitor, at place: Int64, in format: ArchiveFormat) {
        self.visitor = visitor
        (before, self.format) = (place, format)
        stage = .block
    }

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
        before += Int64(position)
        buffer.removeSubrange(..<position)
        position = 0
    }

    /// Throws `backup-failed` when it ended too early.
    func finish() throws(Failure) {
        guard case .block = stage, buffer.isEmpty else { throw Self.unreadable("it ends in the middle") }
    }

    /// Whether every line of the table of contents has come.
    var knowsObjects: Bool {
        switch stage {
        case .header, .entries: false
        case .block, .objects, .chunks, .chunk: true
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
            visitor.visit(try bytes.entry())
            stage = Self.stage(before: left - 1)
        case .block: try beginBlock(&bytes)
        case .objects:
            let object = try bytes.integer()
            if object != 0 { visitor.begin(.object(object), at: block) }
            stage = object == 0 ? .block : .chunks
        case .chunks:
            // A row is a chunk, so that most of the time is spent here.
            while true {
                let size = try bytes.integer()
                guard size >= 0 else { throw .sense("a chunk of \(size) bytes") }
                guard size > 0 else {
                    visitor.end(at: before + Int64(bytes.position))
                    stage = hasObjects ? .objects : .block
                    break
                }
                let count = min(size, buffer.count - bytes.position)
                visitor.take(buffer, bytes.position..<bytes.position + count)
                bytes.position += count
                position = bytes.position
                guard count == size else {
                    stage = .chunk(left: size - count)
                    return true
                }
            }
        case .chunk(let left):
            let count = min(left, buffer.count - position)
            visitor.take(buffer, position..<position + count)
            bytes.position += count
            stage = count == left ? .chunks : .chunk(left: left - count)
        }
        position = bytes.position
        return true
    }

    private mutating func beginBlock(_ bytes: inout ArchiveBytes) throws(ArchiveBytes.Lack) {
        let kind = try bytes.byte()
        let id = try bytes.integer()
        guard kind == 1 || kind == 3 else { throw .sense("a block of data begins with \(kind)") }
        (block, hasObjects) = (before + Int64(position), kind == 3)
        if !hasObjects { visitor.begin(.rows(id), at: block) }
        stage = hasObjects ? .objects : .chunks
    }
}
