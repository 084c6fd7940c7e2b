// SPDX-License-Identifier: Apache-2.0
public import Core

/// A failure on the wire: a problem document (RFC 9457).
public struct ProblemView: Codable, Sendable, Hashable {
    /// The failure's code as a URN: `urn:opshub:failure:not-found`.
    public var type: String
    /// What happened to what.
    public var title: String
    /// The HTTP status.
    public var status: Int
    /// What lies underneath.
    public var detail: String?
    /// What to try next.
    public var hint: String?
    /// What was seen.
    public var evidence: [String]?

    private static let prefix = "urn:opshub:failure:"

    /// A failure as a problem.
    public init(_ failure: Failure, status: Int) {
        type = Self.prefix + failure.code.rawValue
        title = failure.message
        self.status = status
        detail = failure.cause
        hint = failure.hint
        evidence = failure.evidence.isEmpty ? nil : failure.evidence
    }

    /// The problem as a failure.
    public var failure: Failure {
        let code = type.hasPrefix(Self.prefix) ? String(type.dropFirst(Self.prefix.count)) : "unexpected"
        return Failure(
            Failure.Code(rawValue: code),
            title,
            hint: hint,
            evidence: evidence ?? [],
            cause: detail,
        )
    }
}
