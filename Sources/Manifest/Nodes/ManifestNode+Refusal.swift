// SPDX-License-Identifier: Apache-2.0

extension ManifestNode {
    /// Reports that the value is not what was expected, in words such as `a duration, such as 30s`.
    func refuse(expected words: String) {
        refuse(hint: "expected \(words)")
    }

    /// Reports that the value is wrong, with the edit that mends it.
    func refuse(hint: String) {
        log.report(path, at: place, "\(path) is \(found)", hint: hint)
    }

    /// The value as a message shows it.
    private var found: String {
        switch content {
        case .empty: "empty"
        case .scalar(let text, isQuoted: _): "'\(Self.shortened(text))'"
        case .list: "a list"
        case .mapping: "a mapping"
        case .tagged(let tag): "tagged \(tag)"
        }
    }

    private static func shortened(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let isWhole = line.count == text.count && line.count <= 60
        return isWhole ? line : line.prefix(60) + "…"
    }
}
