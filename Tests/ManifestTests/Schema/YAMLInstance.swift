// SPDX-License-Identifier: Apache-2.0

@testable import Manifest

/// A YAML text as the JSON value that an editor validates (YAML 1.2, core schema).
enum YAMLInstance {
    /// The value; nil when the text is not YAML.
    static func of(_ text: String) -> JSONText? {
        let log = ReadingLog(file: "any.yml")
        return ManifestDocument.root(of: text, log: log).map { value(ManifestNode($0, .root, log: log)) }
    }

    private static func value(_ node: ManifestNode) -> JSONText {
        switch node.content {
        case .empty: .null
        case .scalar(let text, isQuoted: true): .text(text)
        case .scalar(let text, isQuoted: false): plain(text)
        case .list(let nodes): .list(node.items(nodes).map(value))
        case .mapping(let mapping):
            .object(
                Dictionary(node.members(of: mapping).map { ($0.key, value($0.node)) }) { first, _ in first }
            )
        case .tagged(let tag): .text("tagged \(tag)")
        }
    }

    private static func plain(_ text: String) -> JSONText {
        if ["true", "True", "TRUE"].contains(text) { return .boolean(true) }
        if ["false", "False", "FALSE"].contains(text) { return .boolean(false) }
        if text.wholeMatch(of: #/0x[0-9a-fA-F]+|0o[0-7]+/#) != nil { return .number(1) }
        let isNumber = text.wholeMatch(of: #/[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?/#) != nil
        return isNumber ? Double(text).map { .number($0) } ?? .text(text) : .text(text)
    }
}
