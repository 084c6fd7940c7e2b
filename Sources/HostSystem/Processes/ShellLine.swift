// SPDX-License-Identifier: Apache-2.0

/// A command line that a team wrote for `/bin/sh`.
///
/// When it is one simple command it is put behind `exec`, so that the program takes the shell's place and gets the
/// signals. Whatever is not certainly one simple command is left as it is.
public struct ShellLine: Hashable, Sendable {
    /// The line, without white space around it.
    public let text: String
    /// Where `exec` goes; nil when the line is left as it is.
    private let start: String.Index?

    /// Looks at a line.
    public init(_ line: String) {
        let trimmed = line.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        text = String(trimmed)
        start = Self.start(of: text)
    }

    /// Whether the program takes the shell's place, so that a signal to it needs nobody who passes it on.
    public var isSimpleCommand: Bool {
        start != nil || (text.hasPrefix("exec ") && Self.isOneCommand(text))
    }

    /// What to run.
    public var command: [String] {
        guard let start else { return ["/bin/sh", "-c", text] }
        return ["/bin/sh", "-c", text[..<start] + "exec " + text[start...]]
    }

    /// Who must be signalled to reach the program.
    public var reach: SupervisedProgram.Stop.Reach { isSimpleCommand ? .program : .group }

    /// The beginning of the first word that is no assignment, if `exec` may stand there.
    private static func start(of text: String) -> String.Index? {
        guard isOneCommand(text) else { return nil }
        var position = text.startIndex
        while position < text.endIndex {
            let word = text[position...].prefix { !$0.isWhitespace }
            guard isAssignment(word) else { return ownWords.contains(String(word)) ? nil : position }
            // A quoted value may have spaces, and where it ends is the shell's knowledge.
            guard !word.contains(where: { "'\"\\$".contains($0) }) else { return nil }
            position = text[word.endIndex...].firstIndex { !$0.isWhitespace } ?? text.endIndex
        }
        return nil
    }

    private static func isAssignment(_ word: Substring) -> Bool {
        guard let equals = word.firstIndex(of: "="), equals > word.startIndex else { return false }
        return word[..<equals].allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    }

    /// Whether no operator, substitution or line break stands outside of quotes, and every quote is closed.
    private static func isOneCommand(_ text: String) -> Bool {
        var quote: Character?
        var previous: Character = " "
        for character in text {
            defer { previous = previous == "\\" && quote != "'" ? " " : character }
            if previous == "\\", quote != "'" { continue }
            switch (quote, character) {
            case ("'", "'"), ("\"", "\""): quote = nil
            case ("'", _): continue
            case (_, "`"): return false
            case (_, "("): if previous == "$" || quote == nil { return false }
            case ("\"", _): continue
            case (nil, "'"), (nil, "\""): quote = character
            case (nil, "&"): if previous != ">" && previous != "<" { return false }
            case (nil, ";"), (nil, "|"), (nil, ")"), (nil, "\n"), (nil, "\r\n"): return false
            default: continue
            }
        }
        return quote == nil && previous != "\\"
    }

    /// Words that mean something to the shell itself, so that `exec` can't stand before them (POSIX.1-2017, XCU 2.4,
    /// 2.14 and 4).
    private static let ownWords: Set<String> = [
        "!", "{", "}", "case", "do", "done", "elif", "else", "esac", "fi", "for", "if", "in", "then", "until",
        "while",
        ".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift",
        "source",
        "times", "trap", "unset", "alias", "bg", "cd", "command", "fg", "getopts", "hash", "jobs", "local",
        "read",
        "type", "ulimit", "umask", "unalias", "wait", "[[", "function", "select", "declare", "typeset",
    ]
}
