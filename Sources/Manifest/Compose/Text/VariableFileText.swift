// SPDX-License-Identifier: Apache-2.0

/// The variables of an `.env` file, as compose reads them.
///
/// `NAME=value` a line, with or without `export`; `#` begins a comment at the start of a line and behind a space; in double
/// quotes there are escapes and variables, in single quotes nothing means anything but `\'`.
struct VariableFileText {
    let file: String
    let variables: ComposeVariables
    let log: ComposeLog

    /// By name, in the order of the file; a variable may use those before it.
    func values(_ text: String) -> [(name: String, value: String)] {
        var found: [(name: String, value: String)] = []
        var known = variables
        var scalars = text.unicodeScalars[...]
        var line = 1
        while !scalars.isEmpty {
            let place = ComposePlace(file: file, place: ManifestPlace(line: line, column: 1))
            let begin = scalars
            if let pair = pair(&scalars, known, place) {
                found.append(pair)
                known[pair.name] = known[pair.name] ?? pair.value
            }
            line += begin[..<scalars.startIndex].count { $0 == "\n" }
        }
        return found
    }

    private func pair(
        _ rest: inout Substring.UnicodeScalarView,
        _ known: ComposeVariables,
        _ place: ComposePlace,
    ) -> (name: String, value: String)? {
        Self.skipBlanks(&rest)
        guard let first = rest.first, first != "\n", first != "#", first != "\r" else {
            Self.skipLine(&rest)
            return nil
        }
        var name = ""
        while let scalar = rest.first, scalar != "=", scalar != "\n", scalar != ":" {
            name.unicodeScalars.append(scalar)
            rest.removeFirst()
        }
        name = String(name.reversed().drop { $0 == " " || $0 == "\t" || $0 == "\r" }.reversed())
        if name.hasPrefix("export ") { name = String(name.dropFirst(7).drop { $0 == " " }) }
        guard rest.first == "=" || rest.first == ":" else {
            // A name alone is taken from where compose runs: here, from the environment's variables.
            Self.skipLine(&rest)
            return known[name].map { (name, $0) }
        }
        rest.removeFirst()
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ $0.value > 32 && $0 != "'" && $0 != "\"" })
        else {
            log.report(place, "this is no 'NAME=value'", hint: "begin a comment with #")
            Self.skipLine(&rest)
            return nil
        }
        Self.skipBlanks(&rest)
        return (name, value(&rest, known, place))
    }

    private func value(
        _ rest: inout Substring.UnicodeScalarView,
        _ known: ComposeVariables,
        _ place: ComposePlace,
    ) -> String {
        guard let quote = rest.first, quote == "\"" || quote == "'" else {
            let line = String(rest.prefix { $0 != "\n" && $0 != "\r" })
            Self.skipLine(&rest)
            let bare =
                line.firstRange(of: " #").map { String(line[..<$0.lowerBound]) }
                ?? (line.hasPrefix("#") ? "" : line)
            let trimmed = String(bare.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
            return ComposeInterpolation(known, log, place).text(trimmed)
        }
        rest.removeFirst()
        var value = String.UnicodeScalarView()
        while let scalar = rest.popFirst(), scalar != quote {
            guard scalar == "\\", let next = rest.first else {
                value.append(scalar)
                continue
            }
            rest.removeFirst()
            value += Self.escaped(next, in: quote)
        }
        Self.skipLine(&rest)
        return quote == "'" ? String(value) : ComposeInterpolation(known, log, place).text(String(value))
    }

    private static func escaped(
        _ scalar: Unicode.Scalar,
        in quote: Unicode.Scalar,
    ) -> String.UnicodeScalarView {
        guard quote == "\"" else {
            return scalar == "'" ? "'".unicodeScalars : "\\\(scalar)".unicodeScalars
        }
        return switch scalar {
        case "n": "\n".unicodeScalars
        case "r": "\r".unicodeScalars
        case "t": "\t".unicodeScalars
        case "\\", "\"": String(scalar).unicodeScalars
        case "$": "$$".unicodeScalars
        default: "\\\(scalar)".unicodeScalars
        }
    }

    private static func skipBlanks(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.first, scalar == " " || scalar == "\t" { rest.removeFirst() }
    }

    private static func skipLine(_ rest: inout Substring.UnicodeScalarView) {
        while let scalar = rest.popFirst(), scalar != "\n" {}
    }
}
