// SPDX-License-Identifier: Apache-2.0

/// Takes a script apart into statements, as psql does (psqlscan.l of PostgreSQL 15).
///
/// Knows quotes, dollar quotes, nested comments, parentheses, and bodies between `BEGIN ATOMIC` and `END`.
struct SQLScript {
    /// A script that ends within something.
    struct Unfinished: Error, Hashable {
        /// What began.
        let what: String
        /// Where, from 1.
        let line: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var statements: [SQLStatement] = []
    /// Where the statement begins; nil between two.
    private var start: (position: Int, line: Int)?
    private var parentheses = 0
    private var blocks = 0
    private var words: [String] = []

    /// The statements of a script, in order.
    static func statements(_ text: String) throws(Unfinished) -> [SQLStatement] {
        var script = SQLScript(bytes: Array(text.utf8))
        try script.scan()
        return script.statements
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func scan() throws(Unfinished) {
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "-") where peek(1) == byte: skip { $0 == UInt8(ascii: "\n") }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): try comment()
            case UInt8(ascii: "'"): try quoted(byte, escapes: false)
            case UInt8(ascii: "\""): try quoted(byte, escapes: false)
            case UInt8(ascii: "$"): try dollar()
            case UInt8(ascii: ";") where parentheses == 0 && blocks == 0: finish()
            case UInt8(ascii: "("): begin(); parentheses += 1; advance()
            case UInt8(ascii: ")"): begin(); parentheses = max(0, parentheses - 1); advance()
            case _ where Self.isSpace(byte): advance()
            case _ where Self.isWord(byte): try word()
            default: begin(); advance()
            }
        }
        finish()
    }

    // MARK: Parts

    private mutating func comment() throws(Unfinished) {
        let began = line
        var depth = 0
        repeat {
            guard let byte = peek() else { throw Unfinished(what: "a comment", line: began) }
            if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                advance()
            } else if byte == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                advance()
            }
            advance()
        } while depth > 0
    }

    private mutating func quoted(_ quote: UInt8, escapes: Bool) throws(Unfinished) {
        begin()
        let began = line
        advance()
        while let byte = peek() {
            advance()
            if escapes, byte == UInt8(ascii: "\\") {
                advance()
            } else if byte == quote {
                // Doubled: the quote itself.
                guard peek() == quote else { return }
                advance()
            }
        }
        throw Unfinished(what: quote == UInt8(ascii: "'") ? "a text" : "a quoted name", line: began)
    }

    private mutating func dollar() throws(Unfinished) {
        begin()
        let began = line
        var end = position + 1
        while end < bytes.count, Self.isWord(bytes[end]) || Self.isDigit(bytes[end]),
            bytes[end] != UInt8(ascii: "$")
        { end += 1 }
        let isTag =
            end < bytes.count && bytes[end] == UInt8(ascii: "$")
            && !(position + 1 < end && Self.isDigit(bytes[position + 1]))
        guard isTag else { return advance() }
        let tag = bytes[position...end]
        position = end + 1
        while position + tag.count <= bytes.count {
            if bytes[position] == UInt8(ascii: "$"), bytes[position..<position + tag.count].elementsEqual(tag)
            {
                position += tag.count
                return
            }
            advance()
        }
        throw Unfinished(what: "a text between \(String(decoding: tag, as: UTF8.self))", line: began)
    }

    private mutating func word() throws(Unfinished) {
        begin()
        let from = position
        while let byte = peek(), Self.isWord(byte) || Self.isDigit(byte) { advance() }
        let text = String(decoding: bytes[from..<position], as: UTF8.self).uppercased()
        if text == "E", peek() == UInt8(ascii: "'") { return try quoted(UInt8(ascii: "'"), escapes: true) }
        if words.count < 4 { words.append(text) }
        guard parentheses == 0, isRoutine else { return }
        // Only these have bodies in which semicolons are no end (`BEGIN ATOMIC`).
        switch text {
        case "BEGIN": blocks += 1
        case "CASE" where blocks > 0: blocks += 1
        case "END" where blocks > 0: blocks -= 1
        default: break
        }
    }

    /// Whether the statement is `CREATE [OR REPLACE] FUNCTION | PROCEDURE`.
    private var isRoutine: Bool {
        guard words.first == "CREATE" else { return false }
        let kind =
            words.count > 3 && words[1] == "OR" && words[2] == "REPLACE" ? words[3] : words.dropFirst().first
        return kind == "FUNCTION" || kind == "PROCEDURE"
    }

    // MARK: Statements

    private mutating func begin() {
        if start == nil { start = (position, line) }
    }

    private mutating func finish() {
        defer {
            advance()
            start = nil
            (parentheses, blocks, words) = (0, 0, [])
        }
        guard let start else { return }
        var end = min(position, bytes.count)
        while end > start.position, Self.isSpace(bytes[end - 1]) { end -= 1 }
        let text = String(decoding: bytes[start.position..<end], as: UTF8.self)
        statements.append(SQLStatement(text: text, line: start.line))
    }

    // MARK: Bytes

    private func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    private mutating func advance() {
        if peek() == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skip(until isEnd: (UInt8) -> Bool) {
        while let byte = peek(), !isEnd(byte) { advance() }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
            || byte >= 0x80
            || byte == UInt8(ascii: "$")
    }
}
