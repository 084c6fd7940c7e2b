// SPDX-License-Identifier: Apache-2.0
import Yams

extension ManifestNode {
    /// The values of a mapping with merged ones (`<<: *base`) filled in, in the order of the file.
    ///
    /// A key that appears twice is reported at its later place, and its first value counts.
    func members(of mapping: Node.Mapping) -> [(key: String, node: ManifestNode)] {
        entries(of: mapping)
            .map { entry in
                (
                    entry.name,
                    ManifestNode(entry.value, path.key(entry.name), keyPlace: entry.place, log: log),
                )
            }
    }

    /// ` in services.backend`, or nothing at the top of the file.
    var inside: String { path == .root ? "" : " in \(path)" }

    private func entries(of mapping: Node.Mapping) -> [MappingEntry] {
        var entries: [MappingEntry] = []
        var firstPlaces: [String: ManifestPlace] = [:]
        var merged: [Node] = []
        for (key, value) in mapping {
            guard let entry = entry(key, value) else { continue }
            if let first = firstPlaces.updateValue(entry.place, forKey: entry.name) {
                log.report(entry.place, "'\(entry.name)' appears twice\(inside)", hint: "first at \(first)")
            } else if entry.name == "<<", !isQuoted(key) {
                merged = mergeSources(entry)
            } else {
                entries.append(entry)
            }
        }
        return entries + inherited(from: merged, except: Set(firstPlaces.keys))
    }

    private func entry(_ key: Node, _ value: Node) -> MappingEntry? {
        let place = key.mark.map { ManifestPlace($0) } ?? keyPlace
        guard case .scalar(let scalar) = key, !scalar.string.isEmpty else {
            log.report(place, "a key\(inside) is not a word", hint: "write 'key: value'")
            return nil
        }
        return MappingEntry(name: log.repeatedKeys[place] ?? scalar.string, place: place, value: value)
    }

    private func isQuoted(_ key: Node) -> Bool {
        key.scalar.map { ![.plain, .any].contains($0.style) } ?? false
    }

    private func mergeSources(_ entry: MappingEntry) -> [Node] {
        let sources =
            switch entry.value {
            case .sequence(let items): Array(items)
            default: [entry.value]
            }
        if sources.allSatisfy({ $0.mapping != nil }) { return sources }
        let hint = "expected the alias of a mapping, such as *base"
        log.report(entry.place, "'<<'\(inside) merges something that is not a mapping", hint: hint)
        return []
    }

    private func inherited(from sources: [Node], except own: Set<String>) -> [MappingEntry] {
        var known = own
        var entries: [MappingEntry] = []
        for case .mapping(let mapping) in sources {
            guard log.mergesLeft > 0 else {
                log.report(keyPlace, "too many mappings are merged", hint: "write the values out")
                break
            }
            log.mergesLeft -= 1
            for entry in self.entries(of: mapping) where known.insert(entry.name).inserted {
                entries.append(entry)
            }
        }
        return entries
    }
}
