// SPDX-License-Identifier: Apache-2.0
public import Core

/// How a program ended and what it said.
public struct ProgramResult: Hashable, Sendable {
    /// How a process ended.
    public enum Ending: Hashable, Sendable {
        /// It returned this status.
        case exited(Int32)
        /// This signal ended it.
        case signalled(Int32)
    }

    /// The call.
    public let program: Program
    /// How it ended.
    public let ending: Ending
    /// Everything it wrote to its standard output.
    public let output: String
    /// Everything it wrote to its standard error.
    public let errors: String

    /// Puts a result together.
    public init(program: Program, ending: Ending, output: String, errors: String) {
        self.program = program
        self.ending = ending
        self.output = output
        self.errors = errors
    }

    /// Whether it returned 0.
    public var isSuccess: Bool { ending == .exited(0) }

    /// This result, or the failure that tells of it.
    ///
    /// `code` is the class of the failure; `doing` says what was being done, as the start of a sentence ("cloning
    /// tracehub"); `hint` what to try. Throws that failure when the program did not return 0.
    public func checked(
        _ code: Failure.Code = .programFailed,
        doing: String,
        hint: String? = nil,
    ) throws(Failure) -> Self {
        guard !isSuccess else { return self }
        throw Failure(
            code,
            "\(doing) failed: \(endingInWords)",
            hint: hint,
            evidence: ["$ \(program)"] + (errors.isEmpty ? output : errors).lastLines(20),
        )
    }

    /// `exit status 3` or `ended by signal 9`.
    public var endingInWords: String {
        switch ending {
        case .exited(let status): "exit status \(status)"
        case .signalled(let signal): "ended by signal \(signal)"
        }
    }
}

extension String {
    /// The last `count` lines that are not blank at the end.
    public func lastLines(_ count: Int) -> [String] {
        split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
            .reversed().drop { $0.allSatisfy(\.isWhitespace) }.prefix(count).reversed()
    }
}
