// SPDX-License-Identifier: Apache-2.0
import Yams

/// Turns the text of one compose file into values, with variables put in.
struct ComposeText {
    let file: String
    let variables: ComposeVariables
    let log: ComposeLog

    /// The whole file; nil when it can't be read, which was reported.
    func value(_ text: String) -> ComposeValue? {
        let reading = ReadingLog(file: file)
        let unmarked =
            text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        guard let root = ManifestDocument.root(of: unmarked, log: reading) else {
            log.add(reading)
            return nil
        }
        let value = value(ManifestNode(root, .root, keyPlace: .start, log: reading))
        log.add(reading)
        guard case .map = value.content else {
            log.report(
                value.place,
                "a compose file is a mapping with 'services:', and this is \(value.noun)",
            )
            return nil
        }
        return value
    }

    private func value(_ node: ManifestNode) -> ComposeValue {
        let place = ComposePlace(file: file, place: node.place)
        log.valuesLeft -= 1
        guard log.valuesLeft > 0 else {
            log.report(place, "the file stands for more than anybody would write", hint: "write aliases out")
            return ComposeValue(content: .null, place: place)
        }
        let merge: ComposeValue.Merge =
            switch Self.tag(of: node.yaml) {
            case "!reset": .removes
            case "!override": .replaces
            default: .usual
            }
        return ComposeValue(content: content(node, place), place: place, merge: merge)
    }

    /// As it is written: asking the node itself would resolve it, and nothing would be empty any more.
    private static func tag(of node: Node) -> String {
        switch node {
        case .scalar(let scalar): scalar.tag.rawValue
        case .sequence(let items): items.tag.rawValue
        case .mapping(let pairs): pairs.tag.rawValue
        case .alias: ""
        }
    }

    private func content(_ node: ManifestNode, _ place: ComposePlace) -> ComposeValue.Content {
        switch node.plainContent {
        case .empty: return .null
        case .scalar(let text, let isQuoted):
            return .text(ComposeInterpolation(variables, log, place).text(text), isQuoted: isQuoted)
        case .list(let nodes): return .list(node.items(nodes).map(value))
        case .mapping(let mapping):
            return .map(
                node.members(of: mapping)
                    .map { key, member in
                        ComposeEntry(
                            key: key,
                            place: ComposePlace(file: file, place: member.keyPlace),
                            value: value(member),
                        )
                    }
            )
        case .tagged(let tag):
            log.report(
                place,
                "the tag \(tag) is not known here",
                hint: "remove it; !reset and !override are known",
            )
            return .null
        }
    }
}

extension ManifestNode {
    /// The content without regard to the tags that say how files are merged.
    fileprivate var plainContent: Content {
        guard case .tagged(let tag) = content, ["!reset", "!override"].contains(tag) else { return content }
        switch yaml {
        case .scalar(let scalar):
            return scalar.string.isEmpty || ["~", "null"].contains(scalar.string)
                ? .empty : .scalar(scalar.string, isQuoted: false)
        case .sequence(let items): return .list(Array(items))
        case .mapping(let pairs): return .mapping(pairs)
        case .alias: return .empty
        }
    }
}
