// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a PostgreSQL server, or the way to it, answered instead of a result.
public struct PostgresError: Error, Hashable, Sendable {
    /// The five characters of the SQL standard; nil when no server said it.
    public var sqlState: String?
    /// The server's own sentence.
    public var message: String
    /// More of it.
    public var detail: String?
    /// What it suggests.
    public var hint: String?
    /// The statement; nil outside of one.
    ///
    /// Parameters are not in it.
    public var statement: String?
    /// Where in the statement, from 1, in characters.
    public var position: Int?

    /// Describes an answer.
    public init(
        sqlState: String? = nil,
        message: String,
        detail: String? = nil,
        hint: String? = nil,
        statement: String? = nil,
        position: Int? = nil,
    ) {
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.statement = statement
        self.position = position
    }

    /// What libpq says when there is no connection, or none any more.
    ///
    /// `… failed: FATAL:  28P01: password authentication failed for user "x" LOCATION:  auth_failed,
    /// auth.c:326`
    init(refusal words: String, statement: String?) {
        self.init(message: words, statement: statement)
        guard let fatal = words.firstRange(of: "FATAL:  ") else { return }
        let rest = words[fatal.upperBound...]
        let code = rest.prefix { $0 != ":" }
        guard code.utf8.count == 5, rest.dropFirst(5).hasPrefix(": "), rest.utf8.count > 7 else { return }
        sqlState = String(code)
        let parts = rest.dropFirst(7).split(separator: " LOCATION:  ")[0].split(separator: " DETAIL:  ")
        message = String(parts[0])
        detail = parts.dropFirst().first.map(String.init)
    }

    /// A lock was not to be had within `lock_timeout` (55P03), or waiting for it would never have ended
    /// (40P01).
    public var isLockTimeout: Bool { sqlState == "55P03" || sqlState == "40P01" }

    /// The server is on its way up or down (57P01…57P03), or nothing answered at all.
    public var isUnavailable: Bool { sqlState.map { $0.hasPrefix("57P") || $0.hasPrefix("08") } ?? true }

    /// This as a failure of `doing`.
    public func failure(_ code: Failure.Code = .unexpected, doing: String) -> Failure {
        Failure(
            sqlState == nil && code == .unexpected ? .unreachable : code,
            "\(doing) failed: \(message)",
            hint: hint,
            evidence: [statement.map { "statement: \($0)" }, detail].compactMap(\.self),
            cause: description,
            isRetryable: isUnavailable || isLockTimeout,
        )
    }
}

extension PostgresError: CustomStringConvertible {
    /// The sentence with its SQLSTATE.
    public var description: String { sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message }
}
