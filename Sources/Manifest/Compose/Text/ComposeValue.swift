// SPDX-License-Identifier: Apache-2.0

/// A value of a compose file with its place, merged keys (`<<`) filled in and variables put in.
///
/// Compose merges files as trees, and a mistake is told where it was written, in whichever file that is.
struct ComposeValue: Hashable {
    /// What it is.
    enum Content: Hashable {
        /// Nothing, `~` or `null`.
        case null
        /// Text as it was written; quoted text is no number and no truth value.
        case text(String, isQuoted: Bool)
        /// Items.
        case list([ComposeValue])
        /// Keys with values, in order.
        case map([ComposeEntry])
    }

    /// What a tag makes of it when files are merged.
    enum Merge: Hashable {
        /// What compose does with the key.
        case usual
        /// `!override`: it takes the place of what was there.
        case replaces
        /// `!reset`: what was there is gone.
        case removes
    }

    var content: Content
    let place: ComposePlace
    var merge = Merge.usual

    /// The value of a key; nil when this is no mapping, or has no such key.
    subscript(key: String) -> ComposeValue? { entries.first { $0.key == key }?.value }

    /// Keys and values; none of anything but a mapping.
    var entries: [ComposeEntry] {
        guard case .map(let entries) = content else { return [] }
        return entries
    }

    /// Items; none of anything but a list.
    var items: [ComposeValue] {
        guard case .list(let items) = content else { return [] }
        return items
    }

    /// The text of a scalar.
    var text: String? {
        guard case .text(let text, _) = content else { return nil }
        return text
    }

    /// Whether nothing stands there.
    var isNull: Bool { content == .null }

    /// Whether another says the same, wherever it stands.
    func isSame(as other: ComposeValue) -> Bool {
        switch (content, other.content) {
        case (.null, .null): true
        case (.text(let text, _), .text(let otherText, _)): text == otherText
        case (.list(let items), .list(let others)):
            items.count == others.count && zip(items, others).allSatisfy { $0.isSame(as: $1) }
        case (.map(let entries), .map(let others)):
            entries.count == others.count
                && entries.allSatisfy { entry in
                    others.contains { $0.key == entry.key && $0.value.isSame(as: entry.value) }
                }
        default: false
        }
    }

    /// What it is, for a message.
    var noun: String {
        switch content {
        case .null: "nothing"
        case .text(let text, _): "'\(text.prefix(40))'"
        case .list: "a list"
        case .map: "a mapping"
        }
    }
}

/// A key and its value.
struct ComposeEntry: Hashable {
    let key: String
    /// Where the key stands.
    let place: ComposePlace
    var value: ComposeValue
}

/// A place in one of the files.
struct ComposePlace: Hashable, Comparable {
    let file: String
    let place: ManifestPlace

    static func < (left: Self, right: Self) -> Bool { (left.file, left.place) < (right.file, right.place) }
}
