// SPDX-License-Identifier: Apache-2.0
import Yams

/// One value of the file, with the way to it.
struct ManifestNode {
    /// What a value is, before anything is expected of it.
    enum Content {
        /// Nothing, `~` or `null`.
        case empty
        /// Text as it is written in the file; quoted text is never a number or a truth value.
        case scalar(String, isQuoted: Bool)
        /// Items.
        case list([Node])
        /// Keys with values.
        case mapping(Node.Mapping)
        /// Something with a type of its own, such as `!secret x`.
        case tagged(String)
    }

    /// The value as YAML has it.
    let yaml: Node
    /// The way to it.
    let path: ManifestPath
    /// Where the key is whose value this is, or where the item is.
    let keyPlace: ManifestPlace
    /// What collects mistakes.
    let log: ReadingLog

    /// A value below a key, or the item of a list when `key` is nil.
    init(_ yaml: Node, _ path: ManifestPath, keyPlace: ManifestPlace? = nil, log: ReadingLog) {
        let own = yaml.mark.map { ManifestPlace($0) } ?? .start
        self.yaml = yaml
        self.path = path
        self.keyPlace = keyPlace ?? own
        self.log = log
        log.remember(path, key: self.keyPlace, value: own)
    }

    /// Where a mistake in the value is shown: at the value, or at the key of a value that is not there.
    var place: ManifestPlace {
        if case .empty = content { return keyPlace }
        return yaml.mark.map { ManifestPlace($0) } ?? keyPlace
    }

    /// What the value is.
    var content: Content {
        switch yaml {
        case .scalar(let scalar):
            if let tag = Self.unknownTag(scalar.tag) { return .tagged(tag) }
            let isQuoted = ![.plain, .any].contains(scalar.style) || scalar.tag.rawValue == Self.textTag
            return isQuoted || !Self.emptyWords.contains(scalar.string)
                ? .scalar(scalar.string, isQuoted: isQuoted) : .empty
        case .sequence(let items):
            return Self.unknownTag(items.tag).map { .tagged($0) } ?? .list(Array(items))
        case .mapping(let pairs): return Self.unknownTag(pairs.tag).map { .tagged($0) } ?? .mapping(pairs)
        case .alias: return .tagged("*")
        }
    }

    /// The items of a list, numbered from 1.
    func items(_ nodes: [Node]) -> [ManifestNode] {
        nodes.enumerated().map { ManifestNode($1, path.item($0 + 1), log: log) }
    }

    private static let emptyWords: Set<String> = ["", "~", "null", "Null", "NULL"]
    private static let textTag = "tag:yaml.org,2002:str"

    private static func unknownTag(_ tag: Tag) -> String? {
        let isKnown = ["", "!"].contains(tag.rawValue) || tag.rawValue.hasPrefix("tag:yaml.org,2002:")
        return isKnown ? nil : tag.rawValue
    }
}
