// SPDX-License-Identifier: Apache-2.0

/// Reads which networks a service is in.
struct ComposeNetworkReader {
    let file: ComposeValue
    let log: ComposeLog

    /// At least one.
    func networks(_ service: ComposeValue, _ name: String) -> [ContainerNetwork] {
        checkMode(service, name)
        let entries = service["networks"]?.entries ?? []
        guard !entries.isEmpty else { return [network("default", [], service.place)] }
        return entries.map { entry in
            ComposeKeyTable.membership.check(entry.value, "the network \(entry.key) of \(name)", log)
            let aliases = ComposeReader(log: log).texts(entry.value["aliases"], "aliases of \(name)")
            return network(entry.key, aliases, entry.place)
        }
    }

    private func network(_ name: String, _ aliases: [String], _ place: ComposePlace) -> ContainerNetwork {
        var network = ContainerNetwork(name: name, aliases: aliases)
        guard let found = file["networks"]?[name] else {
            if name != "default" {
                let known = file["networks"]?.entries.map(\.key) ?? []
                log.report(
                    place,
                    "there is no network \(name)",
                    hint: name.notFoundHint(among: known, called: "network")
                        + "; networks are listed at the end of the file",
                )
            }
            return network
        }
        ComposeKeyTable.network.check(found, "the network \(name)", log)
        let reader = ComposeReader(log: log)
        network.isInternal = reader.truth(found["internal"], "internal of the network \(name)") ?? false
        if isExternal(found["external"], reader) {
            network.externalName = found["name"]?.text ?? found["external"]?["name"]?.text ?? name
        }
        return network
    }

    private func isExternal(_ value: ComposeValue?, _ reader: ComposeReader) -> Bool {
        if value?["name"] != nil { return true }
        return reader.truth(value, "external") ?? false
    }

    private func checkMode(_ service: ComposeValue, _ name: String) {
        guard let mode = service["network_mode"], let text = mode.text, text != "bridge" else { return }
        log.report(
            mode.place,
            "\(name) is to have the network of \(text == "host" ? "the machine" : "'\(text)'")",
            hint:
                "remove it: two releases run side by side, each with a network of its own, and the edge holds the ports",
        )
    }
}
