// SPDX-License-Identifier: Apache-2.0
public import Core
import API
import FoundationEssentials

/// How the command line shows failures: `error:`, what was seen, `hint:`; JSON under `--json`.
public enum ErrorText {
    /// The lines for people.
    public static func lines(of failure: Failure) -> [String] {
        ["error: \(failure.message)"] + (failure.cause.map { ["cause: \($0)"] } ?? [])
            + failure.evidence.map { "  \($0)" } + (failure.hint.map { ["hint: \($0)"] } ?? [])
    }

    /// Shows an error and says how the process must end.
    public static func show(_ error: any Error, json: Bool) -> Int32 {
        let failure = Failure.wrapping(error, doing: "this command")
        let problem = ProblemView(failure, status: failure.code.kind.httpStatus)
        // Words are better than nothing.
        if json, let data = try? Wire.encoder(pretty: true).encode(problem) {
            Output.say(String(decoding: data, as: UTF8.self))
        } else {
            lines(of: failure).forEach(Output.say)
        }
        return failure.code.kind.exitCode
    }
}

extension ErrorText {
    /// Writes one line of words to standard error.
    public static func line(_ text: String) { Output.say(text) }
}
