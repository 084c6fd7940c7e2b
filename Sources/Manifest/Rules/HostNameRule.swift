// SPDX-License-Identifier: Apache-2.0

/// Which texts are a host name in lower case (RFC 1123), as the edge compares them.
enum HostNameRule {
    /// The rule as a regular expression.
    static let pattern =
        #"^(?=.{1,253}$)(?!(.*\.)?[0-9]+$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"#

    /// Accepts a host name, or says what else the text is.
    static func verdict(_ text: String) -> TextVerdict<String> {
        if admits(text) { return .accepted(text) }
        let parts = text.split(separator: "/", omittingEmptySubsequences: true)
        let authority = text.contains("://") ? parts.dropFirst().first : parts.first
        let host = (authority?.split(separator: ":").first).map { $0.lowercased() } ?? ""
        if host.allSatisfy({ $0.isNumber || $0 == "." }), host.contains(".") {
            return .refused(
                hint: "an address is not a host name; without 'domain' the environment answers on its ports"
            )
        }
        if host.hasPrefix("*.") { return .refused(hint: "expected one host name, without '*'") }
        return .refused(hint: host != text && admits(host) ? "write \(host)" : nil)
    }

    private static func admits(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard text.utf8.count <= 253, labels.allSatisfy(isLabel), let last = labels.last else { return false }
        return !last.allSatisfy(\.isNumber)
    }

    private static func isLabel(_ text: Substring) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-")
        }
        return isPlain && !text.isEmpty && text.utf8.count <= 63 && !text.hasPrefix("-")
            && !text.hasSuffix("-")
    }
}
