// SPDX-License-Identifier: Apache-2.0

/// Brings the short forms of a service into their long ones, so that files can be laid over each other key by key, and its paths
/// into those below the repository's root.
struct ComposeForms {
    /// The folder that relative paths begin in.
    let folder: String
    let variables: ComposeVariables
    let log: ComposeLog

    /// A whole file in its long forms.
    func file(_ file: ComposeValue) -> ComposeValue {
        changing(file) { entry in
            switch entry.key {
            case "services": changing(entry.value) { service($0.value) }
            case "secrets", "configs":
                changing(entry.value) { changing($0.value) { $0.key == "file" ? path($0.value) : $0.value } }
            default: entry.value
            }
        }
    }

    /// A service in its long forms.
    func service(_ service: ComposeValue) -> ComposeValue {
        changing(service) { entry in
            let value = entry.value
            return switch entry.key {
            case "environment", "labels", "annotations", "sysctls", "driver_opts": pairs(value)
            case "build": build(value)
            case "depends_on": names(value) { [("condition", "service_started", $0)] }
            case "networks": names(value) { _ in [] }
            case "extends": value.text == nil ? path(in: value, "file") : map(value, [("service", value)])
            case "env_file": list(value) { envFile($0) }
            case "ports": list(value) { ComposeShortPort(log).forms($0) }
            case "volumes": list(value) { [volume($0)] }
            case "secrets", "configs":
                list(value) { item in [item.text == nil ? item : map(item, [("source", item)])] }
            case "ulimits":
                changing(value) { limit in
                    let value = limit.value
                    return value.text == nil ? value : map(value, [("soft", value), ("hard", value)])
                }
            case "tmpfs", "dns", "dns_search", "dns_opt", "expose", "cap_add", "cap_drop", "security_opt",
                "group_add", "profiles", "links", "label_file":
                list(value) { [$0] }
            case "extra_hosts": hosts(value)
            default: value
            }
        }
    }

    // MARK: Forms

    private func build(_ value: ComposeValue) -> ComposeValue {
        let long = value.text == nil ? value : map(value, [("context", value)])
        return changing(long) { entry in
            switch entry.key {
            case "context": path(entry.value)
            case "args", "labels": pairs(entry.value)
            case "secrets":
                list(entry.value) { item in [item.text == nil ? item : map(item, [("source", item)])] }
            default: entry.value
            }
        }
    }

    /// `[A=1, B]` as `{ A: 1, B: null }`; one without a value has that of the environment's variable.
    private func pairs(_ value: ComposeValue) -> ComposeValue {
        guard case .list(let items) = value.content else {
            return changing(value) { entry in
                // Nothing behind the colon: the variable of that name.
                guard entry.value.isNull, let known = variables[entry.key] else { return entry.value }
                return ComposeValue(content: .text(known, isQuoted: true), place: entry.value.place)
            }
        }
        let entries = items.compactMap { item -> ComposeEntry? in
            guard let text = item.text else {
                log.report(item.place, "this is \(item.noun), and NAME=VALUE was expected")
                return nil
            }
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map(String.init)
            let content: ComposeValue.Content =
                parts.count > 1
                ? .text(parts[1], isQuoted: true)
                : variables[parts[0]].map { .text($0, isQuoted: true) } ?? .null
            return ComposeEntry(
                key: parts[0],
                place: item.place,
                value: ComposeValue(content: content, place: item.place),
            )
        }
        return ComposeValue(content: .map(entries), place: value.place, merge: value.merge)
    }

    private func names(
        _ value: ComposeValue,
        _ members: (ComposeValue) -> [(String, String, ComposeValue)],
    ) -> ComposeValue {
        guard case .list(let items) = value.content else { return value }
        let entries = items.compactMap { item -> ComposeEntry? in
            guard let name = item.text else { return nil }
            let own = members(item)
                .map { key, text, at in
                    ComposeEntry(
                        key: key,
                        place: at.place,
                        value: ComposeValue(content: .text(text, isQuoted: true), place: at.place),
                    )
                }
            let content: ComposeValue.Content = own.isEmpty ? .null : .map(own)
            return ComposeEntry(
                key: name,
                place: item.place,
                value: ComposeValue(content: content, place: item.place),
            )
        }
        return ComposeValue(content: .map(entries), place: value.place, merge: value.merge)
    }

    /// `a:1.2.3.4` and `a=1.2.3.4`, as lists and as mappings, all as `a:1.2.3.4`.
    private func hosts(_ value: ComposeValue) -> ComposeValue {
        let texts: [(String, ComposePlace)] =
            switch value.content {
            case .map(let entries):
                entries.flatMap { entry in
                    let addresses = entry.value.text.map { [$0] } ?? entry.value.items.compactMap(\.text)
                    return addresses.map { ("\(entry.key):\($0)", entry.place) }
                }
            default:
                value.items.compactMap { item in
                    item.text.map { text in
                        let sign = text.firstIndex { $0 == "=" || $0 == ":" }
                        return (
                            sign.map { "\(text[..<$0]):\(text[text.index(after: $0)...])" } ?? text,
                            item.place,
                        )
                    }
                }
            }
        let items = texts.map { ComposeValue(content: .text($0, isQuoted: true), place: $1) }
        return ComposeValue(content: .list(items), place: value.place, merge: value.merge)
    }

    private func envFile(_ item: ComposeValue) -> [ComposeValue] {
        [path(in: item.text == nil ? item : map(item, [("path", item)]), "path")]
    }

    private func volume(_ item: ComposeValue) -> ComposeValue {
        let long = ComposeShortVolume(log).form(item)
        guard long["type"]?.text == "bind" else { return long }
        return path(in: long, "source")
    }

    // MARK: Paths

    private func path(in value: ComposeValue, _ key: String) -> ComposeValue {
        changing(value) { $0.key == key ? path($0.value) : $0.value }
    }

    /// A relative path as one below the root; absolute ones and addresses stay.
    private func path(_ value: ComposeValue) -> ComposeValue {
        guard let text = value.text, !text.hasPrefix("/"), !text.contains("://"), !text.hasPrefix("git@")
        else {
            return value
        }
        if text.hasPrefix("~") {
            log.report(
                value.place,
                "\(text) is in nobody's home",
                hint: "write an absolute path, or one of the repository",
            )
            return value
        }
        guard let resolved = RepositoryPath.resolve(text, in: folder) else {
            log.report(
                value.place,
                "\(text) leads out of the repository",
                hint: "only files of the repository are there",
            )
            return value
        }
        return ComposeValue(content: .text(resolved, isQuoted: true), place: value.place)
    }

    // MARK: Values

    private func map(_ value: ComposeValue, _ members: [(String, ComposeValue)]) -> ComposeValue {
        let entries = members.map { key, member in
            ComposeEntry(
                key: key,
                place: member.place,
                value: ComposeValue(content: member.content, place: member.place),
            )
        }
        return ComposeValue(content: .map(entries), place: value.place, merge: value.merge)
    }

    /// One item, or a list of them, as a list in its long form.
    private func list(_ value: ComposeValue, _ form: (ComposeValue) -> [ComposeValue]) -> ComposeValue {
        let items: [ComposeValue] =
            switch value.content {
            case .null: []
            case .list(let items): items
            default: [ComposeValue(content: value.content, place: value.place)]
            }
        return ComposeValue(content: .list(items.flatMap(form)), place: value.place, merge: value.merge)
    }

    private func changing(_ value: ComposeValue, _ change: (ComposeEntry) -> ComposeValue) -> ComposeValue {
        guard case .map(let entries) = value.content else { return value }
        let changed = entries.map { ComposeEntry(key: $0.key, place: $0.place, value: change($0)) }
        return ComposeValue(content: .map(changed), place: value.place, merge: value.merge)
    }
}
