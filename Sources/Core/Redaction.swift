// SPDX-License-Identifier: Apache-2.0

/// Takes secret values out of texts before anybody sees or keeps them.
public struct Redaction: Sendable {
    /// Shorter values stay: they are words of any text.
    private static let shortest = 12
    private let values: [String]

    /// Knows these secrets, and of those that are URLs the password too: programs print the parts on their own.
    public init(_ secrets: some Sequence<Secret>) {
        let values = secrets.flatMap { [$0.revealed(), Self.password(of: $0.revealed())] }
        // The longest first: a part of it may be a secret of its own.
        self.values = Set(values).filter { $0.utf8.count >= Self.shortest }
            .sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    /// The text without them.
    public func callAsFunction(_ text: String) -> String {
        values.reduce(text) { $0.replacing($1, with: "\(Secret($1))") }
    }

    /// Of `scheme://user:password@host`; empty when there is none.
    private static func password(of url: String) -> String {
        guard let scheme = url.firstRange(of: "://"), let at = url[scheme.upperBound...].lastIndex(of: "@"),
            let colon = url[scheme.upperBound..<at].firstIndex(of: ":")
        else { return "" }
        return String(url[url.index(after: colon)..<at])
    }
}
