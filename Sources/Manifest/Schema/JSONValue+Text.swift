// SPDX-License-Identifier: Apache-2.0

extension JSONValue {
    /// The value as JSON text, two spaces per level; short lists on one line.
    func rendered(indent: String = "") -> String {
        switch self {
        case .text(let text): Self.quoted(text)
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .boolean(let flag): "\(flag)"
        case .list(let items) where items.allSatisfy(\.isPlain):
            "[" + items.map { $0.rendered() }.joined(separator: ", ") + "]"
        case .list(let items):
            Self.block("[", items.map { $0.rendered(indent: indent + "  ") }, "]", indent)
        case .object(let members) where members.isEmpty: "{}"
        case .object(let members):
            Self.block("{", members.map { $0.rendered(indent: indent + "  ") }, "}", indent)
        }
    }

    private var isPlain: Bool {
        switch self {
        case .text, .integer, .number, .boolean: true
        case .list, .object: false
        }
    }

    private static func block(_ open: String, _ lines: [String], _ close: String, _ indent: String) -> String
    {
        "\(open)\n" + lines.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(close)"
    }

    fileprivate static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\t": "\\t"
            default: String(scalar)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}

extension JSONValue.Member {
    fileprivate func rendered(indent: String) -> String {
        "\(JSONValue.quoted(name)): \(value.rendered(indent: indent))"
    }
}
