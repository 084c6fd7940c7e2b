// SPDX-License-Identifier: Apache-2.0

/// Lays one compose file over another as the specification (13, merge) says: mappings key by key, lists one behind the
/// other, but commands as wholes, and ports, volumes, secrets and configs by what makes them one.
///
/// Both must be in their long forms (``ComposeForms``).
enum ComposeMerge {
    /// What stands in both files, the later one over the earlier.
    static func merge(_ base: ComposeValue, _ over: ComposeValue, at path: [String] = []) -> ComposeValue {
        switch over.merge {
        case .removes: return ComposeValue(content: .null, place: over.place)
        case .replaces: return over
        case .usual: break
        }
        switch (base.content, over.content) {
        case (.map(let entries), .map(let others)):
            return ComposeValue(content: .map(merge(entries, others, at: path)), place: over.place)
        case (.list(let items), .list(let others)) where !isWhole(path):
            return ComposeValue(content: .list(merge(items, others, at: path)), place: over.place)
        // A key without a value says nothing.
        case (_, .null) where base.content != .null && !isWhole(path): return base
        default: return over
        }
    }

    private static func merge(
        _ base: [ComposeEntry],
        _ over: [ComposeEntry],
        at path: [String],
    ) -> [ComposeEntry] {
        var result = base
        for entry in over {
            if let index = result.firstIndex(where: { $0.key == entry.key }) {
                if entry.value.merge == .removes {
                    result.remove(at: index)
                } else {
                    result[index].value = merge(result[index].value, entry.value, at: path + [entry.key])
                }
            } else if entry.value.merge != .removes {
                result.append(entry)
            }
        }
        return result
    }

    private static func merge(
        _ base: [ComposeValue],
        _ over: [ComposeValue],
        at path: [String],
    ) -> [ComposeValue] {
        guard let key = uniqueKey(path) else {
            return base + over.filter { item in !base.contains { $0.isSame(as: item) } }
        }
        var result = base
        for item in over {
            if let index = result.firstIndex(where: { key($0) == key(item) }) {
                result[index] = item
            } else {
                result.append(item)
            }
        }
        return result
    }

    /// Lists that are one value: `services.*.command`, `.entrypoint`, `.healthcheck.test`.
    private static func isWhole(_ path: [String]) -> Bool {
        guard path.count >= 3, path[0] == "services" else { return false }
        return ["command", "entrypoint"].contains(path[2]) || Array(path[2...]) == ["healthcheck", "test"]
    }

    /// What makes two items of a list the same.
    private static func uniqueKey(_ path: [String]) -> ((ComposeValue) -> String)? {
        guard path.count == 3, path[0] == "services" else { return nil }
        return switch path[2] {
        case "volumes": { $0["target"]?.text ?? "" }
        case "secrets", "configs": { $0["target"]?.text ?? $0["source"]?.text ?? "" }
        case "ports":
            { item in
                ["host_ip", "target", "published", "protocol"].map { item[$0]?.text ?? "" }
                    .joined(separator: " ")
            }
        default: nil
        }
    }
}
