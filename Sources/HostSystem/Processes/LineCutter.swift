// SPDX-License-Identifier: Apache-2.0

/// Cuts a program's output into lines, however long the program makes them.
///
/// A line ends with LF, CR LF, or a lone CR, as a progress bar writes it.
struct LineCutter {
    /// Longer lines are cut, and say so.
    static let limit = 16 << 10
    static let mark = "… (the line goes on)"

    private var pending: [UInt8] = []
    private var isCut = false
    private var endedWithReturn = false

    /// The lines that are complete with these bytes.
    mutating func lines(of bytes: [UInt8]) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n") where endedWithReturn: endedWithReturn = false
            case UInt8(ascii: "\n"): lines.append(take())
            case UInt8(ascii: "\r"):
                lines.append(take())
                endedWithReturn = true
            default:
                endedWithReturn = false
                if pending.count < Self.limit { pending.append(byte) } else { isCut = true }
            }
        }
        return lines
    }

    /// What came after the last line's end.
    mutating func rest() -> [String] {
        pending.isEmpty ? [] : [take()]
    }

    private mutating func take() -> String {
        defer { (pending, isCut) = ([], false) }
        return String(decoding: pending, as: UTF8.self) + (isCut ? Self.mark : "")
    }
}
