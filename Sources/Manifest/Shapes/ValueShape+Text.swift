// SPDX-License-Identifier: Apache-2.0
import Core

extension ValueShape {
    /// A text that a rule turns into a value; `types` are those that JSON Schema sees in what the rule accepts.
    static func text(
        _ expected: String,
        pattern: String,
        types: JSONValue = "string",
        write: @escaping @Sendable (Value) -> JSONValue? = { _ in nil },
        rule: @escaping @Sendable (String) -> TextVerdict<Value>,
    ) -> Self {
        let schema: JSONValue = ["type": types, "pattern": .text(pattern)]
        return Self(expected: expected, schema: schema, write: write) { node in
            guard case .scalar(let text, isQuoted: _) = node.content else {
                node.refuse(expected: expected)
                return nil
            }
            switch rule(text) {
            case .accepted(let value): return value
            case .refused(let hint):
                node.refuse(hint: hint ?? "expected \(expected)")
                return nil
            }
        }
    }
}

extension ValueShape where Value == String {
    /// Any text, number or truth value, as it is written.
    static func words(_ expected: String) -> Self {
        let schema: JSONValue = ["type": .scalarTypes]
        return Self(expected: expected, schema: schema, write: { .text($0) }) { node in
            guard case .scalar(let text, isQuoted: _) = node.content else {
                node.refuse(expected: expected)
                return nil
            }
            return text
        }
    }

    /// A command line for the shell.
    static let command = text("a command line", pattern: #"\S"#, types: .scalarTypes) { text in
        .accepting(text, if: text.contains { !$0.isWhitespace })
    }

    /// A folder below another.
    static let folder = text(
        "a folder inside the repository, such as backend",
        pattern: FolderRule.pattern,
        types: .scalarTypes,
        write: { .text($0) },
        rule: FolderRule.verdict,
    )

    /// A folder of files to serve.
    static let servedFolder = text(
        "a folder, such as dist",
        pattern: FolderRule.pattern,
        types: .scalarTypes,
        rule: FolderRule.verdict,
    )

    /// The path of a request.
    static let requestPath = text(
        "a path that begins with '/', such as /health",
        pattern: RequestPathRule.pattern,
        write: { .text($0) },
        rule: RequestPathRule.verdict,
    )

    /// A path prefix.
    static let route = text(
        "a path that begins with '/', such as /api",
        pattern: RouteRule.pattern,
        rule: RouteRule.verdict,
    )

    /// The host name of an environment.
    static let hostName = text(
        "a host name, such as app.example.com",
        pattern: HostNameRule.pattern,
        rule: HostNameRule.verdict,
    )

    /// A branch.
    static let branch = text(
        "the name of a branch, such as main",
        pattern: BranchRule.pattern,
        types: .scalarTypes,
        rule: BranchRule.verdict,
    )

    /// A database that is made.
    static let database = text(
        DatabaseNameRule.words,
        pattern: DatabaseNameRule.pattern,
        rule: DatabaseNameRule.verdict,
    )

    /// A variable of services.
    static let variableName = text(
        "the name of a variable, such as UPLOADS_PATH",
        pattern: VariableRule.pattern,
    ) { text in
        guard let refusal = VariableRule.refusal(text) else { return .accepted(text) }
        let isTaken = text == "PORT" || text.hasPrefix("OPSHUB_")
        return .refused(hint: isTaken ? "it \(refusal.message); choose another name" : refusal.hint)
    }

    /// A place's name in the time zone database.
    static let timezone = text(
        "a time zone, such as \"Europe/Berlin\" or \"UTC\"",
        pattern: #"^[A-Za-z0-9_+/-]+$"#,
        write: { .text($0) },
        rule: CronSchedule.zoneVerdict,
    )

    /// When backups are taken.
    static let schedule = text(
        "five fields: minute hour day month weekday, such as \"0 2 * * *\"",
        pattern: #"^\s*\S+(\s+\S+){4}\s*$"#,
        write: { .text($0) },
        rule: CronSchedule.verdict,
    )
}

extension ValueShape {
    /// A name as `NameRule` wants it.
    static func name<Subject>() -> Self where Value == Identifier<Subject> {
        text("a name: \(NameRule.words)", pattern: NameVerdict.pattern, rule: NameVerdict.of)
    }
}
