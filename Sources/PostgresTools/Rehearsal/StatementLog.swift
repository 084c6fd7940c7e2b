// SPDX-License-Identifier: Apache-2.0

/// Reads the statements of one role in one database from what a server logs as CSV (PostgreSQL 15, "Using CSV-Format
/// Log Output": the columns before the sixteenth are the same in every version that has them).
struct StatementLog {
    private static let (user, database, session, severity, message, detail) = (1, 2, 5, 11, 13, 14)

    /// Every statement that was begun, in order.
    let statements: [RecordedStatement]

    /// Reads the lines between two marks.
    init(_ bytes: some Collection<UInt8>, user: String, database: String, from begin: String, to end: String)
    {
        var (found, isWithin): ([RecordedStatement], Bool) = ([], false)
        for fields in Self.records(bytes) where fields.count > Self.detail {
            let text = Self.statement(fields[Self.message])
            if let text, text.contains(begin) {
                isWithin = true
            } else if let text, text.contains(end) {
                isWithin = false
            } else if isWithin, fields[Self.user] == user, fields[Self.database] == database {
                let session = fields[Self.session]
                if let text {
                    found.append(
                        RecordedStatement(text, Self.parameters(fields[Self.detail]), session: session)
                    )
                } else if fields[Self.severity] == "ERROR",
                    let last = found.lastIndex(where: { $0.session == session })
                {
                    found[last].failed = true
                }
            }
        }
        statements = found
    }

    /// `statement: SELECT 1`, `execute <unnamed>: SELECT $1`.
    private static func statement(_ message: String) -> String? {
        for label in ["statement: ", "execute "] where message.hasPrefix(label) {
            let rest = message.dropFirst(label.count)
            guard label == "execute " else { return String(rest) }
            return rest.firstRange(of: ": ").map { String(rest[$0.upperBound...]) }
        }
        return nil
    }

    /// `parameters: $1 = 'it''s', $2 = NULL`; later versions write a capital.
    static func parameters(_ detail: String) -> [String?] {
        guard detail.lowercased().hasPrefix("parameters: ") else { return [] }
        var (rest, values) = (detail.dropFirst("parameters: ".count), [String?]())
        while let equals = rest.firstRange(of: " = ") {
            rest = rest[equals.upperBound...]
            guard rest.first == "'" else {
                values.append(nil)
                rest = rest.drop { $0 != "," }
                continue
            }
            var value = ""
            rest = rest.dropFirst()
            while let character = rest.popFirst() {
                if character == "'" {
                    guard rest.first == "'" else { break }
                    rest = rest.dropFirst()
                }
                value.append(character)
            }
            values.append(value)
        }
        return values
    }

    /// Fields of each record (RFC 4180); what is after the last line's end is not complete yet.
    private static func records(_ bytes: some Collection<UInt8>) -> [[String]] {
        var records: [[String]] = []
        var (fields, field): ([String], [UInt8]) = ([], [])
        var (isQuoted, wasQuote) = (false, false)
        for byte in bytes {
            if isQuoted, byte != UInt8(ascii: "\"") {
                field.append(byte)
                continue
            }
            switch byte {
            case UInt8(ascii: "\""):
                // A quote within quotes is written twice.
                if !isQuoted, wasQuote { field.append(byte) }
                isQuoted.toggle()
                wasQuote = !isQuoted
                continue
            case UInt8(ascii: ","), UInt8(ascii: "\n"):
                fields.append(String(decoding: field, as: UTF8.self))
                field = []
                if byte == UInt8(ascii: "\n") {
                    records.append(fields)
                    fields = []
                }
            default: field.append(byte)
            }
            wasQuote = false
        }
        return records
    }
}
