// SPDX-License-Identifier: Apache-2.0
import Crypto

/// What `pg_dump --schema-only` writes, taken apart into objects.
///
/// PostgreSQL does not always write an expression again as it was given: `x IN ('a', 'b')` on a `varchar`
/// comes back as `(ARRAY['a'::varchar, …])::text[]` from the original and as `ARRAY[('a'::varchar)::text,
/// …]` from its copy (seen on 15.20). So casts and parentheses are left out of what is compared; that is
/// enough to tell a missing or another object, and the dump's own bytes are told apart by their hash.
struct SchemaText {
    /// The digest of each object's definition, by kind and name: `INDEX public.ix_shipments_reference`.
    let definitions: [String: String]

    /// Takes a script apart.
    init(_ script: String) {
        var texts: [String: String] = [:]
        var current: String?
        for line in script.split(separator: "\n", omittingEmptySubsequences: true) {
            if let key = Self.key(line) {
                current = key
            } else if let current, !line.hasPrefix("--"), !line.hasPrefix("\\restrict"),
                !line.hasPrefix("\\unrestrict")
            {
                texts[current, default: ""] += Self.canonical(line) + "\n"
            }
        }
        definitions = texts.mapValues { SHA256.hash(data: Array($0.utf8)).prefix(12).hexadecimal }
    }

    /// `-- Name: shipments; Type: TABLE; Schema: public; Owner: tracehub` begins `TABLE public.shipments`.
    ///
    /// The owner is part of the name, so that another one is told.
    private static func key(_ line: Substring) -> String? {
        guard line.hasPrefix("-- Name: "), let type = line.firstRange(of: "; Type: "),
            let schema = line.firstRange(of: "; Schema: "), type.upperBound <= schema.lowerBound,
            let owner = line.firstRange(of: "; Owner: "), schema.upperBound <= owner.lowerBound
        else { return nil }
        let name = line[line.index(line.startIndex, offsetBy: 9)..<type.lowerBound]
        let place = line[schema.upperBound..<owner.lowerBound]
        return "\(line[type.upperBound..<schema.lowerBound]) \(place == "-" ? "" : "\(place).")\(name)"
    }

    /// A line without casts, parentheses and spaces.
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
