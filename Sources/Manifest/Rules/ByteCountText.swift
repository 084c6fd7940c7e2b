// SPDX-License-Identifier: Apache-2.0
import Core

/// Sizes as the file writes them: a whole number and one binary unit.
enum ByteCountText {
    /// Reads `512M`, `1G`, `512MiB`; anything near that is refused with its right spelling.
    static func verdict(_ text: String, atLeast smallest: ByteCount) -> TextVerdict<ByteCount> {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard digits.count <= 15, let count = Int64(digits) else { return .refused(hint: nil) }
        let unit = String(text.dropFirst(digits.count))
        guard digits.count <= 9 || unit.isEmpty else { return .refused(hint: nil) }
        if let shift = shifts[unit] {
            let size = ByteCount(count << shift)
            return size < smallest ? .refused(hint: nil) : .accepted(size)
        }
        let letter = unit.drop { $0 == " " }.uppercased().prefix(1)
        if unit.isEmpty { return .refused(hint: "write \(spelledWithUnit(count))") }
        return .refused(hint: shifts[String(letter)] == nil ? nil : "write \(count)\(letter)")
    }

    /// The shortest spelling, in whole units of 1024 bytes.
    static func of(_ size: ByteCount) -> String {
        if size.bytes.isMultiple(of: 1 << 30) { return "\(size.bytes >> 30)G" }
        return size.bytes.isMultiple(of: 1 << 20) ? "\(size.bytes >> 20)M" : "\(size.bytes >> 10)K"
    }

    private static let shifts: [String: Int64] = ["K": 10, "M": 20, "G": 30, "KiB": 10, "MiB": 20, "GiB": 30]

    /// A number without a unit is a count of bytes when it is that large, and otherwise of mebibytes.
    private static func spelledWithUnit(_ count: Int64) -> String {
        count >= 1 << 20 ? of(ByteCount(count)) : "\(count)M"
    }
}
