// SPDX-License-Identifier: Apache-2.0

/// How wide numbers are in one archive, and which fields it has.
struct ArchiveFormat: Hashable {
    /// Of the format, without its major version, which is 1.
    var minor = 0
    /// Bytes of a number, without its sign.
    var integerSize = 4
    /// Bytes of a position in the file.
    var offsetSize = 8
}

/// One line of an archive's table of contents.
struct ArchiveEntry: Hashable {
    /// Names its data.
    var id: Int
    /// `TABLE`, `INDEX`, `TABLE DATA`.
    var kind: String
    /// `public.shipments`, as SQL writes it.
    var name: String
    /// When it is restored: 2 before any rows, 3 with them, 4 after them; 1 with what comes before it.
    var section: Int
    /// What makes it.
    var definition: String
    /// Its owner; empty for what has none.
    var owner: String
    /// Its schema; empty for what is in none.
    var namespace: String
    /// Its name alone, as it is.
    var tag: String
    /// Where it lies; empty for the standard place.
    var tablespace: String
    /// The SQL that makes it.
    var statement: String
    /// The beginning of the SQL that fills it.
    var copy: String

    /// `public.shipments`, quoted where SQL needs it.
    var quotedName: String {
        (namespace.isEmpty ? "" : "\(ArchiveBytes.quoted(namespace)).") + ArchiveBytes.quoted(tag)
    }
}

/// Reads the fields of an archive from where one is; copies nothing of the buffer.
struct ArchiveBytes {
    /// Why nothing could be read.
    enum Lack: Error {
        /// The rest has not come yet.
        case more
        /// It is not what the format says.
        case sense(String)
    }

    /// What has come.
    let buffer: [UInt8]
    /// Where the next field begins.
    var position: Int
    /// How wide fields are.
    var format: ArchiveFormat

    /// One byte.
    mutating func byte() throws(Lack) -> UInt8 {
        guard position < buffer.count else { throw .more }
        defer { position += 1 }
        return buffer[position]
    }

    /// A sign, then the number, its lowest byte first.
    mutating func integer() throws(Lack) -> Int {
        guard buffer.count - position > format.integerSize else { throw .more }
        var value = 0
        for index in (0..<format.integerSize).reversed() {
            value = value << 8 | Int(buffer[position + 1 + index])
        }
        let isNegative = buffer[position] != 0
        position += 1 + format.integerSize
        return isNegative ? -value : value
    }

    /// A length, then as many bytes; nil for a length of -1.
    mutating func text() throws(Lack) -> String? {
        let begin = position
        let length = try integer()
        guard length >= 0 else { return nil }
        guard length <= 1 << 30 else { throw .sense("a text of \(length) bytes") }
        guard buffer.count - position >= length else {
            position = begin
            throw .more
        }
        defer { position += length }
        return String(decoding: buffer[position..<position + length], as: UTF8.self)
    }

    /// Everything before the number of entries.
    mutating func header() throws(Lack) -> ArchiveFormat {
        for expected in "PGDMP".utf8 where try byte() != expected {
            throw .sense("it does not begin with PGDMP")
        }
        let (major, minor, revision) = (try byte(), try byte(), try byte())
        guard major == 1, (14...16).contains(minor) else {
            throw .sense("its format is \(major).\(minor).\(revision), which OpsHub does not know")
        }
        format.minor = Int(minor)
        format.integerSize = Int(try byte())
        format.offsetSize = Int(try byte())
        guard (1...8).contains(format.integerSize), (1...8).contains(format.offsetSize), try byte() == 1
        else {
            throw .sense("it is not in the custom format")
        }
        // How it is compressed, when it was made, of what and by whom.
        let compression = minor >= 15 ? Int(try byte()) : try integer()
        guard compression == 0 else { throw .sense("it is compressed") }
        for _ in 1...7 { _ = try integer() }
        for _ in 1...3 { _ = try text() }
        return format
    }

    /// One line of the table of contents.
    mutating func entry() throws(Lack) -> ArchiveEntry {
        let id = try integer()
        _ = try integer()
        for _ in 1...2 { _ = try text() }
        let (tag, kind) = (try text() ?? "", try text() ?? "")
        let section = try integer()
        let definition = try text() ?? ""
        // How it is dropped.
        _ = try text()
        let copy = try text() ?? ""
        let namespace = try text() ?? ""
        let (space, method) = (try text() ?? "", try text() ?? "")
        if format.minor >= 16 { _ = try integer() }
        let owner = try text() ?? ""
        _ = try text()
        while try text() != nil {}
        guard buffer.count - position > format.offsetSize else { throw .more }
        position += 1 + format.offsetSize
        let place = namespace.isEmpty ? "" : "\(Self.quoted(namespace))."
        return ArchiveEntry(
            id: id,
            kind: kind,
            name: kind == "TABLE DATA" ? place + Self.quoted(tag) : place + tag,
            section: section,
            definition: [definition, space, method].joined(separator: "\n"),
            owner: owner,
            namespace: namespace,
            tag: tag,
            tablespace: space,
            statement: definition,
            copy: copy,
        )
    }

    /// As PostgreSQL quotes a name: only where it must; words that it reserves are quoted there and not here.
    static func quoted(_ name: String) -> String {
        let isPlain =
            name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            } && name.utf8.first.map { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
        return isPlain ? name : SQLName.quoted(name)
    }
}
