// SPDX-License-Identifier: Apache-2.0

/// Shares of a whole as the file writes them: `1%`, or `0.01`.
enum ShareText {
    /// Reads a percentage, or a number below 1.
    ///
    /// A bare `1` could mean either, so it is refused.
    static func verdict(_ text: String, isQuoted: Bool) -> TextVerdict<Double> {
        if text.hasSuffix("%"), let percent = decimal(text.dropLast()) {
            return percent <= 100 ? .accepted(percent / 100) : .refused(hint: nil)
        }
        guard let number = decimal(text[...]) else { return .refused(hint: nil) }
        if number == 1 { return .refused(hint: "write 1% or 100%") }
        if number > 1 { return .refused(hint: number <= 100 ? "write \(text)%" : nil) }
        return isQuoted ? .refused(hint: "write \(text) without quotes") : .accepted(number)
    }

    /// A percentage.
    static func of(_ share: Double) -> String {
        let percent = share * 100
        return percent == percent.rounded() ? "\(Int(percent))%" : "\(percent)%"
    }

    /// Digits with at most one point between them.
    private static func decimal(_ text: Substring) -> Double? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let areDigits = parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isASCII && $0.isNumber } }
        return areDigits && parts.count <= 2 ? Double(text) : nil
    }
}
