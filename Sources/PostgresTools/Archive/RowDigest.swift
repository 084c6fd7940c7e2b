// SPDX-License-Identifier: Apache-2.0
import CXxhash
import Glibc

/// The same for the same rows in any order: the sum of their XXH3 hashes of 128 bits.
///
/// It tells what got lost or changed by accident. That nobody has changed a dump on purpose, its encryption says.
struct RowDigest: Hashable {
    /// How many rows there were.
    private(set) var count: Int64 = 0
    /// How many large objects there were.
    private(set) var objects: Int64 = 0
    private var sum: UInt128 = 0
    /// The beginning of a row whose end has not come yet.
    private var begun: [UInt8] = []
    /// Nothing is a row any more after the line that ends a table's data.
    private var hasEnded = false
    /// The large object that pieces belong to, and how many came.
    private let object: Int
    private var pieces = 0

    /// Of nothing; for the pieces of a large object, with its number.
    init(object: Int = 0) {
        self.object = object
    }

    /// 32 digits.
    var digest: String {
        let text = String(sum, radix: 16)
        return String(repeating: "0", count: 32 - text.utf8.count) + text
    }

    /// Takes bytes of a table's rows, each of which ends with a line feed.
    mutating func add(lines buffer: [UInt8], _ range: Range<Int>) {
        let newline = UInt8(ascii: "\n")
        unsafe buffer.withUnsafeBufferPointer { bytes in
            var start = range.lowerBound
            while start < range.upperBound, !hasEnded {
                guard let base = bytes.baseAddress,
                    let found = unsafe memchr(base + start, Int32(newline), range.upperBound - start)
                else {
                    unsafe begun.append(contentsOf: bytes[start..<range.upperBound])
                    return
                }
                let end = unsafe UnsafeRawPointer(found) - UnsafeRawPointer(base)
                if begun.isEmpty {
                    unsafe addRow(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[start..<end])))
                } else {
                    unsafe begun.append(contentsOf: bytes[start..<end])
                    unsafe begun.withUnsafeBytes { unsafe addRow($0) }
                    begun.removeAll(keepingCapacity: true)
                }
                start = end + 1
            }
        }
    }

    /// Takes a whole row of a table, with its line feed.
    mutating func add(line: UnsafeRawBufferPointer) {
        unsafe addRow(UnsafeRawBufferPointer(rebasing: line.dropLast()))
    }

    /// Takes a piece of a large object.
    mutating func add(piece buffer: [UInt8], _ range: Range<Int>) {
        for byte in buffer[range] {
            begun.append(byte)
            if begun.count == Self.pieceSize { addPiece() }
        }
    }

    /// Adds other rows.
    mutating func add(rows other: RowDigest) {
        count += other.count
        sum &+= other.sum
    }

    /// Adds a large object that has come to its end.
    mutating func add(_ other: RowDigest) {
        var other = other
        other.addPiece()
        sum &+= other.sum
        objects += 1
    }

    /// However a program cuts an object into chunks.
    private static let pieceSize = 4096

    private mutating func addPiece() {
        var piece = begun
        for number in [object, pieces] {
            unsafe withUnsafeBytes(of: number.littleEndian) { unsafe piece.append(contentsOf: $0) }
        }
        unsafe piece.withUnsafeBytes { sum &+= unsafe Self.hash($0) }
        pieces += 1
        begun.removeAll(keepingCapacity: true)
    }

    private mutating func addRow(_ row: UnsafeRawBufferPointer) {
        // `\.` ends the data; a row that is these two characters is written as `\\.`.
        if row.count == 2, unsafe row[0] == UInt8(ascii: "\\"), unsafe row[1] == UInt8(ascii: ".") {
            hasEnded = true
            return
        }
        count += 1
        sum &+= unsafe Self.hash(row)
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt128 {
        let hash = unsafe XXH3_128bits(bytes.baseAddress, bytes.count)
        return UInt128(hash.high64) << 64 | UInt128(hash.low64)
    }
}
