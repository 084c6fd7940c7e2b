// SPDX-License-Identifier: Apache-2.0

/// What makes an object, so that the same object always has the same text.
///
/// PostgreSQL does not always write an expression again as it was given: `x IN ('a', 'b')` on a `varchar`
/// comes back as `(ARRAY['a'::varchar, …])::text[]` from the original and as `ARRAY[('a'::varchar)::text,
/// …]` from its copy (seen on 15.20). So casts and parentheses are left out of what is compared; that is
/// enough to tell a missing or another object, and the dump's own bytes are told apart by their hash.
enum DefinitionText {
    /// A text without casts, parentheses and spaces.
    static func canonical(_ line: some StringProtocol) -> String {
        var result = ""
        var rest = Substring(line)
        while let cast = rest.firstRange(of: "::") {
            result += rest[..<cast.lowerBound]
            rest = afterType(rest[cast.upperBound...])
        }
        return (result + rest).filter { !"() ".contains($0) }
    }

    /// What follows a type's name: `character varying(32)[]`, `timestamp(3) with time zone`, `"Odd".mood`.
    private static func afterType(_ text: Substring) -> Substring {
        var rest = text
        var isQuoted = false
        while let next = rest.first, isQuoted || next.isLetter || next.isNumber || "_.\"".contains(next) {
            if next == "\"" { isQuoted.toggle() }
            rest = rest.dropFirst()
        }
        for more in [" varying", " precision"] where rest.hasPrefix(more) {
            rest = rest.dropFirst(more.count)
        }
        if rest.hasPrefix("("), let end = rest.firstIndex(of: ")"),
            rest[rest.index(after: rest.startIndex)..<end].allSatisfy({ $0.isNumber || $0 == "," })
        {
            rest = rest[rest.index(after: end)...]
        }
        for more in [" with time zone", " without time zone"] where rest.hasPrefix(more) {
            rest = rest.dropFirst(more.count)
        }
        while rest.hasPrefix("[]") { rest = rest.dropFirst(2) }
        return rest
    }
}
