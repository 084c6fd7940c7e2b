// SPDX-License-Identifier: Apache-2.0
import DataSafety

/// An archive without what follows its table of contents: all that `pg_restore` needs of it before any rows and after them.
struct ArchiveOutline {
    /// Its beginning.
    let bytes: [UInt8]
    /// How wide numbers are in it.
    var format = ArchiveFormat()
    /// Every line of its table of contents.
    let entries: [ArchiveEntry]

    /// The tablespaces that objects lie in, besides the standard one.
    var tablespaces: Set<String> {
        Set(entries.map(\.tablespace).filter { !$0.isEmpty && !$0.hasPrefix("pg_") })
    }

    /// Reads as much as it needs of what `feed` hands over; nil for what is no archive.
    static func read(from feed: DumpFeed) async throws -> ArchiveOutline? {
        let reader = OutlineReader()
        do {
            try await feed { bytes in
                if await !reader.needsMore(after: bytes) { throw Enough() }
            }
        } catch is Enough {
            // The rest is read when it is restored.
        }
        return await reader.outline
    }

    private struct Enough: Error {}
}

/// Keeps what has come until every line of the table of contents has.
actor OutlineReader {
    private var buffer: [UInt8] = []
    private var position = 0
    private var format = ArchiveFormat()
    /// Lines that are still to come; nil before the header has.
    private var left: Int?
    private var entries: [ArchiveEntry] = []

    /// What was read, once it has all come.
    var outline: ArchiveOutline? {
        left == 0 ? ArchiveOutline(bytes: Array(buffer[..<position]), format: format, entries: entries) : nil
    }

    /// Takes the next bytes; false when they are enough, or make no sense.
    func needsMore(after bytes: [UInt8]) -> Bool {
        buffer += bytes
        do throws(ArchiveBytes.Lack) {
            while left != 0 { try step() }
            return false
        } catch {
            switch error {
            case .more: return true
            case .sense: return false
            }
        }
    }

    private func step() throws(ArchiveBytes.Lack) {
        var bytes = ArchiveBytes(buffer: buffer, position: position, format: format)
        if let left {
            entries.append(try bytes.entry())
            self.left = left - 1
        } else {
            format = try bytes.header()
            left = try bytes.integer()
        }
        position = bytes.position
    }
}
