// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety

/// Reads an archive in the format of pax(1) as it goes by: of every entry its path, type, permissions, time, size, target and content.
///
/// Owners are left out: whoever unpacks it owns everything.
struct TarReader {
    /// What is expected next.
    private enum Part {
        /// A header of 512 bytes.
        case header
        /// The records that say more of the next entry, still so many bytes.
        case records(Int)
        /// What a file holds, still so many bytes.
        case content(Int, group: String)
        /// Bytes up to the next block.
        case padding(Int)
        /// Whatever follows the end.
        case end
    }

    /// What is known of one part of the folder.
    private struct Group {
        var count: Int64 = 0
        var hash = SHA256()
    }

    private var part = Part.header
    private var begun: [UInt8] = []
    private var records: [String: [UInt8]] = [:]
    private var groups: [String: Group] = [".": Group()]
    private var size: Int64 = 0

    private static let block = 512
    private static let root = Array("./".utf8)
    /// A pebibyte, which no dump comes to the end of.
    private static let largest = 1 << 50
    /// More parts than these are told together.
    private static let mostGroups = 1000
    private static let others = "(all others)"

    /// Takes the next bytes.
    ///
    /// Throws `backup-failed` for what is no such archive.
    mutating func read(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            switch part {
            case .header:
                let taken = rest.prefix(Self.block - begun.count)
                begun += taken
                rest = rest.dropFirst(taken.count)
                guard begun.count == Self.block else { return }
                let header = begun
                begun = []
                try take(header)
            case .records(let left):
                let taken = rest.prefix(left)
                begun += taken
                rest = rest.dropFirst(taken.count)
                guard taken.count == left else {
                    part = .records(left - taken.count)
                    return
                }
                let size = begun.count
                try takeRecords(begun)
                begun = []
                part = Self.padding(after: size)
            case .content(let left, let group):
                let taken = rest.prefix(left)
                groups[group]?.hash.update(data: taken)
                rest = rest.dropFirst(taken.count)
                part = .content(left - taken.count, group: group)
                if taken.count == left { part = pending }
            case .padding(let left):
                let taken = rest.prefix(left)
                rest = rest.dropFirst(taken.count)
                part = taken.count == left ? .header : .padding(left - taken.count)
            case .end: return
            }
        }
    }

    /// What follows the content that is being read.
    private var pending = Part.header

    /// What was in it.
    ///
    /// Throws `backup-failed` when it ended early.
    func finish() throws(Failure) -> TarContents {
        guard case .end = part else { throw Self.damaged("it ends early") }
        let parts = groups.mapValues { group in
            TableFingerprint(
                rows: group.count,
                digest: group.hash.finalize().hexadecimal,
            )
        }
        return TarContents(parts: parts, size: ByteCount(size))
    }

    private mutating func take(_ header: [UInt8]) throws(Failure) {
        // Two blocks of zeros end an archive; one does not happen otherwise.
        guard header.contains(where: { $0 != 0 }) else {
            part = .end
            return
        }
        try Self.check(header)
        let type = header[156]
        guard let length = Self.number(header[124..<136]) else { throw Self.damaged("a size is no number") }
        if type == UInt8(ascii: "x") {
            // A path has 4096 bytes at most (limits.h), and there are two.
            guard length > 0, length < 1 << 20 else { throw Self.damaged("records of \(length) bytes") }
            part = .records(length)
            return
        }
        guard !"gLKSMV".utf8.contains(type) else {
            throw Self.damaged("an entry of the type \(UnicodeScalar(type))")
        }
        try takeEntry(header, type, length)
    }

    private mutating func takeEntry(_ header: [UInt8], _ type: UInt8, _ length: Int) throws(Failure) {
        let path = records["path"] ?? Self.path(header)
        let link = records["linkpath"] ?? Self.text(header[157..<257])
        let time = records["mtime"] ?? Self.text(header[136..<148])
        var length = length
        if let said = records["size"] {
            guard let number = Int(String(decoding: said, as: UTF8.self)) else {
                throw Self.damaged("a size is no number")
            }
            length = number
        }
        guard (0...Self.largest).contains(length) else { throw Self.damaged("a file of \(length) bytes") }
        records = [:]
        // The folder itself is always its owner's alone, whatever it was.
        guard path != Self.root else {
            part = .header
            return
        }
        let isFile = type == UInt8(ascii: "0") || type == 0
        let name = group(of: path, isFolder: type == UInt8(ascii: "5"))
        var group = groups[name] ?? Group()
        if type != UInt8(ascii: "5") { group.count += 1 }
        let mode = (Self.number(header[100..<108]) ?? 0) & 0o7777
        let facts = [path, [type == 0 ? UInt8(ascii: "0") : type], Array("\(mode)".utf8), time, link]
        for fact in facts + [Array("\(isFile ? length : 0)".utf8)] { group.hash.update(data: fact + [0]) }
        groups[name] = group
        // As a disk keeps it: in blocks of 4 KiB, and some for its name.
        size =
            size.addingReportingOverflow(Int64(isFile ? (length + 4095) / 4096 * 4096 : 0) + 512).partialValue
        guard isFile, length > 0 else {
            part = .header
            return
        }
        part = .content(length, group: name)
        pending = Self.padding(after: length)
    }

    /// The part of the folder that a path belongs to.
    private func group(of path: [UInt8], isFolder: Bool) -> String {
        let names = path.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }
        guard let first = names.first, names.count > 1 || isFolder else { return "." }
        let name = String(decoding: first, as: UTF8.self)
        return groups[name] != nil || groups.count < Self.mostGroups ? name : Self.others
    }

    /// `<length> <key>=<value>` and a line feed, the length in bytes of all of it.
    private mutating func takeRecords(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                let length = Int(String(decoding: rest[..<space], as: UTF8.self)), length <= rest.count,
                length > space - rest.startIndex + 2,
                let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals < rest.startIndex + length - 1
            else { throw Self.damaged("its records can't be read") }
            let key = String(decoding: rest[(space + 1)..<equals], as: UTF8.self)
            records[key] = Array(rest[(equals + 1)..<(rest.startIndex + length - 1)])
            rest = rest.dropFirst(length)
        }
    }

    private static func padding(after size: Int) -> Part {
        let over = size % block
        return over == 0 ? .header : .padding(block - over)
    }

    /// The sum of all bytes, those of the sum itself taken for spaces.
    private static func check(_ header: [UInt8]) throws(Failure) {
        let sum = header.enumerated()
            .reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        guard number(header[148..<156]) == sum else { throw damaged("a header's sum is wrong") }
    }

    private static func path(_ header: [UInt8]) -> [UInt8] {
        let (prefix, name) = (text(header[345..<500]), text(header[0..<100]))
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    private static func text(_ field: ArraySlice<UInt8>) -> [UInt8] { Array(field.prefix { $0 != 0 }) }

    /// Octal digits.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.filter { $0 != 0 && $0 != UInt8(ascii: " ") }
        return digits.isEmpty ? 0 : Int(String(decoding: digits, as: UTF8.self), radix: 8)
    }

    private static func damaged(_ what: String) -> Failure {
        Failure(.backupFailed, "the archive can't be read: \(what)")
    }
}
