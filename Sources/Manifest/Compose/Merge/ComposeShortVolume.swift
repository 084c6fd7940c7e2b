// SPDX-License-Identifier: Apache-2.0

/// The short form of a volume: `[SOURCE:]TARGET[:OPTIONS]`; a source that begins with `.`, `/` or `~` is a path.
struct ComposeShortVolume {
    private let log: ComposeLog

    init(_ log: ComposeLog) {
        self.log = log
    }

    /// The long form of an item.
    func form(_ item: ComposeValue) -> ComposeValue {
        guard let text = item.text else { return item }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }),
            case let target = parts.count == 1 ? parts[0] : parts[1], target.hasPrefix("/")
        else {
            log.report(
                item.place,
                "'\(text)' is no volume",
                hint: "write \"name:/path\", \"./folder:/path:ro\" or \"/path\"",
            )
            return ComposeValue(content: .map([]), place: item.place)
        }
        let source = parts.count == 1 ? nil : parts[0]
        let isPath = source.map { [".", "/", "~"].contains($0.prefix(1)) } ?? false
        var members: [(String, String)] = [("type", isPath ? "bind" : "volume"), ("target", target)]
        if let source { members.append(("source", source)) }
        for option in parts.count == 3 ? parts[2].split(separator: ",").map(String.init) : [] {
            switch option {
            case "ro": members.append(("read_only", "true"))
            case "rw", "z", "Z", "cached", "delegated", "consistent", "nocopy": break
            default:
                log.report(item.place, "'\(option)' is no option of a volume", hint: "known: ro, rw")
            }
        }
        let entries = members.map { key, text in
            ComposeEntry(
                key: key,
                place: item.place,
                value: ComposeValue(content: .text(text, isQuoted: false), place: item.place),
            )
        }
        return ComposeValue(content: .map(entries), place: item.place)
    }
}
