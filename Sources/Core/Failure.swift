// SPDX-License-Identifier: Apache-2.0

/// Something that went wrong, said so that a person who was just woken knows what to do next.
///
/// Rendered in two places only: the command line (`error:` / `hint:`) and HTTP (`application/problem+json`).
public struct Failure: Error, Hashable, Sendable, Codable {
    /// Stable and kebab-case; listed in docs/CLI.md.
    public var code: Code
    /// One sentence: what happened to what.
    public var message: String
    /// One command or edit to try next.
    public var hint: String?
    /// What was seen: status codes, the end of a log, the exact command.
    ///
    /// May have several lines.
    public var evidence: [String]
    /// What lies underneath, in the words of the library or program that said it.
    public var cause: String?
    /// Whether the same call may succeed later with nothing changed.
    public var isRetryable: Bool

    /// Describes a failure.
    public init(
        _ code: Code,
        _ message: String,
        hint: String? = nil,
        evidence: [String] = [],
        cause: String? = nil,
        isRetryable: Bool = false,
    ) {
        self.code = code
        self.message = message
        self.hint = hint
        self.evidence = evidence
        self.cause = cause
        self.isRetryable = isRetryable
    }

    /// The failure that `error` is, or one that wraps it with the words `doing` says.
    public static func wrapping(_ error: any Error, doing: String) -> Failure {
        if let failure = error as? Failure { return failure }
        if let known = error as? any FailureConvertible { return known.failure }
        if error is CancellationError { return Failure(.cancelled, "\(doing) was cancelled") }
        return Failure(.unexpected, "\(doing) failed", cause: String(describing: error))
    }
}

extension Failure: CustomStringConvertible {
    /// Code and message on one line, for logs.
    public var description: String {
        cause.map { "\(code): \(message) (\($0))" } ?? "\(code): \(message)"
    }
}
