// SPDX-License-Identifier: Apache-2.0

/// A statement as a server was asked to run it.
public struct RecordedStatement: Hashable, Sendable {
    /// The statement, with `$1`, `$2` … for parameters.
    public var text: String
    /// As text; nil is NULL.
    public var parameters: [String?]
    /// The session that asked.
    public var session: String
    /// Whether the server refused it.
    public var failed: Bool

    /// Describes a statement.
    public init(_ text: String, _ parameters: [String?] = [], session: String = "", failed: Bool = false) {
        self.text = text
        self.parameters = parameters
        self.session = session
        self.failed = failed
    }

    /// Whether it is a `COPY … FROM STDIN`, whose rows are not recorded.
    var readsInput: Bool {
        let words = text.uppercased().split(whereSeparator: { !$0.isLetter })
        return words.first == "COPY" && words.contains("STDIN")
    }

    /// The name of the table of which it changes rows; nil for any statement that changes none.
    ///
    /// What follows `UPDATE`, `DELETE FROM` or `MERGE INTO`, also behind `WITH`.
    var changedTable: String? {
        let words = text.split { $0.isWhitespace || $0 == "(" || $0 == ")" || $0 == ";" }
        guard let first = words.first?.uppercased(), ["UPDATE", "DELETE", "MERGE", "WITH"].contains(first)
        else {
            return nil
        }
        for (index, word) in words.enumerated() {
            var rest = words[(index + 1)...]
            switch word.uppercased() {
            case "UPDATE": break
            case "DELETE", "MERGE":
                guard ["FROM", "INTO"].contains(rest.first?.uppercased()) else { continue }
                rest = rest.dropFirst()
            default: continue
            }
            if rest.first?.uppercased() == "ONLY" { rest = rest.dropFirst() }
            return rest.first.map(String.init)
        }
        return nil
    }
}
