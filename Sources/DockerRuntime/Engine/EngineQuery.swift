// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials

/// What stands behind the question mark of a call.
struct EngineQuery: ExpressibleByDictionaryLiteral, Sendable {
    private var pairs: [(String, String)]

    init(dictionaryLiteral elements: (String, String)...) {
        pairs = elements
    }

    /// Labels that everything asked for must have.
    static func labels(_ labels: [String: String], all: Bool = true) throws -> EngineQuery {
        var query = EngineQuery()
        query.pairs.append(("filters", try filters(["label": labels.map { "\($0)=\($1)" }.sorted()])))
        if all { query.pairs.append(("all", "true")) }
        return query
    }

    /// Filters as the engine takes them.
    static func filters(_ filters: [String: [String]]) throws -> String {
        String(decoding: try EngineCoding.encoder.encode(filters), as: UTF8.self)
    }

    /// With one more.
    func adding(_ name: String, _ value: String) -> EngineQuery {
        var query = self
        query.pairs.append((name, value))
        return query
    }

    /// `?name=value`; nothing without any.
    var text: String {
        guard !pairs.isEmpty else { return "" }
        return "?" + pairs.map { "\($0)=\(Self.escaped($1))" }.joined(separator: "&")
    }

    /// A path segment or value with everything escaped that could mean something else.
    static func escaped(_ text: String) -> String {
        text.utf8
            .map { byte in
                let isPlain =
                    switch byte {
                    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
                    default: false
                    }
                return isPlain
                    ? String(Unicode.Scalar(byte))
                    : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
            .joined()
    }
}
