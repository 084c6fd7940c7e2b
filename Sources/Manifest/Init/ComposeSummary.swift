// SPDX-License-Identifier: Apache-2.0
import Yams

/// What a compose file says that `opshub init` can use.
struct ComposeSummary {
    /// The major version of its PostgreSQL image, if it has one.
    private(set) var postgres: Int?
    /// What a person should know.
    private(set) var remarks: [String]

    /// Looks for a compose file; nil when there is none.
    init?(of tree: FileTree) {
        let files = ["docker-compose.yml", "docker-compose.yaml", "compose.yml", "compose.yaml"]
        guard let file = files.first(where: tree.has), let text = tree.text(file) else { return nil }
        let services = Self.services(in: text)
        let images = services.values
        postgres = images.compactMap(Self.postgresMajor).first
        let names = services.keys.sorted()
        let described = names.isEmpty ? "could not be read" : "describes \(names.enumeration)"
        remarks = [
            "\(file) \(described). It is not used here: 'compose: \(file)' in place of 'services' takes it as it is."
        ]
        if let redis = images.first(where: { $0.hasPrefix("redis") || $0.hasPrefix("valkey") }) {
            remarks.append("\(redis) can be an accessory: 'cache: { redis: 7 }' below 'accessories'.")
        }
    }

    /// The services with their images, empty for one that is built; none when the file can't be read.
    private static func services(in text: String) -> [String: String] {
        do {
            let root = try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
            let pairs = (root?.mapping?["services"]?.mapping ?? [:])
                .compactMap { name, service in
                    name.scalar.map { ($0.string, service.mapping?["image"]?.scalar?.string ?? "") }
                }
            return Dictionary(pairs) { first, _ in first }
        } catch {
            return [:]
        }
    }

    private static func postgresMajor(_ image: String) -> Int? {
        let parts = image.split(separator: ":")
        let name = FileTree.name(of: parts.first.map(String.init) ?? "")
        guard ["postgres", "postgis", "pgvector", "timescaledb"].contains(name) else { return nil }
        let tag = parts.count > 1 ? parts[1] : ""
        let digits = tag.drop { !$0.isNumber }.prefix { $0.isNumber }
        let major = Int(digits) ?? DatabaseNeed.usualMajor
        return AccessoryKeys.supportedPostgres.contains(major) ? major : DatabaseNeed.usualMajor
    }
}
