// SPDX-License-Identifier: Apache-2.0

/// A statement that applications have run, as their server counts it.
public struct RecordedQuery: Hashable, Sendable, Codable {
    /// Its text, with `$1`, `$2` … where values were.
    public var text: String
    /// How often it was run since the record begins.
    public var calls: Int64

    /// Describes a query.
    public init(_ text: String, calls: Int64) {
        self.text = text
        self.calls = calls
    }

    /// Whether a name stands in it as a word, in whatever case.
    func mentions(_ name: String) -> Bool { text.mentionsWord(name) }

    /// Whether it puts rows into a table without saying anything of one of its columns.
    ///
    /// Told by its text: what it does to an empty copy depends on the values, which nobody knows.
    ///
    /// - Parameters:
    ///   - column: The column's name.
    ///   - relation: `schema.table`.
    /// - Returns: Whether a value of it is required and not given.
    func leavesOut(_ column: String, of relation: String) -> Bool {
        let place = relation.split(separator: ".").map { $0.lowercased() }
        let words = text.sqlWords
        return words.indices.contains { index in
            guard words[index].uppercased() == "INTO" else { return false }
            var name = words[(index + 1)...].prefix { $0 != "(" }
            // `schema.table AS t`
            if let end = name.firstIndex(where: { Self.afterNames.contains($0.uppercased()) }) {
                name = name[..<end]
            }
            let written = name.filter { $0 != "." }.map { $0.lowercased() }
            guard let table = written.last, table == place.last, written.count < 2 || written == place
            else { return false }
            let rest = words[name.endIndex...]
                .drop { $0 != "(" && !["SELECT", "VALUES"].contains($0.uppercased()) }
            // Without names the values are in the order of the table, and there may be one for each.
            guard rest.first == "(" else {
                return words[name.endIndex...].prefix(2).map { $0.uppercased() } == ["DEFAULT", "VALUES"]
            }
            return !rest.prefix { $0 != ")" }.contains { $0.lowercased() == column.lowercased() }
        }
    }

    private static let afterNames: Set<String> = ["AS", "SELECT", "VALUES", "DEFAULT", "WITH", "OVERRIDING"]

    /// Whether it takes what is in a table without naming it, other than to count rows: `*`, a `NATURAL JOIN`.
    var takesEveryColumn: Bool {
        let words = text.sqlWords.map { $0.lowercased() }
        return words.contains("natural") || words.contains("row_to_json") || words.contains("to_jsonb")
            || words.indices.contains { index in
                words[index] == "*" && !(index > 1 && words[index - 1] == "(" && words[index - 2] == "count")
            }
    }
}

/// What applications have asked of a database since a release serves.
public struct QueryRecord: Hashable, Sendable, Codable {
    /// The release whose queries these are, besides those of people and other programs.
    public var release: String
    /// For how long they have been recorded without a gap.
    public var observed: Duration
    /// Whether the server has forgotten none of them.
    public var isWhole: Bool
    /// The queries, the most frequent first.
    public var queries: [RecordedQuery]

    /// The same without what names one of these tables.
    public func without(naming tables: [String]) -> QueryRecord {
        var record = self
        record.queries.removeAll { query in tables.contains { query.mentions($0.tableName) } }
        return record
    }

    /// Describes a record.
    public init(release: String, observed: Duration, isWhole: Bool = true, queries: [RecordedQuery]) {
        self.release = release
        self.observed = observed
        self.isWhole = isWhole
        self.queries = queries
    }
}

extension String {
    /// Names, numbers and signs of a statement, names in quotes without those.
    fileprivate var sqlWords: [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in self {
            if character == "\"" {
                isQuoted.toggle()
            } else if isQuoted || character.isLetter || character.isNumber || character == "_"
                || character == "$"
            {
                word.append(character)
            } else {
                if !word.isEmpty { words.append(word) }
                word = ""
                if !character.isWhitespace { words.append(String(character)) }
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    /// Whether a name stands in it, and not only as a part of a longer one.
    func mentionsWord(_ name: String) -> Bool {
        let wanted = name.lowercased()
        return sqlWords.contains { $0.lowercased() == wanted }
    }

    /// The name without its schema.
    var tableName: String { split(separator: ".").last.map { $0.filter { $0 != "\"" } } ?? self }
}

extension SchemaChanges.Place {
    /// The column's name, or the table's without its schema: as a query may write it.
    var shortName: String { column ?? relation.tableName }
}
