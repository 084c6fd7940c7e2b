// SPDX-License-Identifier: Apache-2.0
import Core

/// Reads what a service sees in its file system besides its image.
struct ComposeMountReader {
    let file: ComposeValue
    let log: ComposeLog

    private var reader: ComposeReader { ComposeReader(log: log) }

    /// Volumes, memory, secrets and configs, with where each is written.
    func mounts(_ service: ComposeValue, _ name: String) -> [(mount: ContainerMount, place: ComposePlace)] {
        let volumes = (service["volumes"]?.items ?? [])
            .compactMap { item in volume(item, name).map { ($0, item.place) } }
        let memory = (service["tmpfs"]?.items ?? [])
            .compactMap { item in item.text.map { (Self.memory($0), item.place) } }
        let grants = ["secrets", "configs"]
            .flatMap { kind in
                (service[kind]?.items ?? [])
                    .compactMap { item in grant(item, kind, name).map { ($0, item.place) } }
            }
        return volumes + memory + grants
    }

    private func volume(_ item: ComposeValue, _ name: String) -> ContainerMount? {
        ComposeKeyTable.mount.check(item, "a volume of \(name)", log)
        guard let target = reader.text(item["target"], "target of a volume of \(name)") else { return nil }
        let isReadOnly = reader.truth(item["read_only"], "read_only of a volume of \(name)") ?? false
        let source = item["source"]?.text
        switch item["type"]?.text ?? "volume" {
        case "volume":
            guard let source else { return ContainerMount(.anonymous, at: target, isReadOnly: isReadOnly) }
            return volume(named: source, item.place)
                .map { ContainerMount($0, at: target, isReadOnly: isReadOnly) }
        case "bind":
            guard let source else {
                log.report(item.place, "a bind of \(name) names no source", hint: "add 'source: PATH'")
                return nil
            }
            let from: ContainerMount.Source =
                source.hasPrefix("/") ? .host(path: source) : .release(path: source)
            if Self.holdsEngine(source) {
                log.report(
                    item.place,
                    "\(name) would be root of this machine, through the engine's socket",
                    hint: "remove it: the edge knows every service by itself",
                )
                return nil
            }
            return ContainerMount(from, at: target, isReadOnly: isReadOnly)
        case "tmpfs":
            let size = reader.size(item["tmpfs"]?["size"], "size of a volume of \(name)")
            let mode = mode(item["tmpfs"]?["mode"], "mode of a volume of \(name)")
            return ContainerMount(.memory(size: size, mode: mode), at: target)
        case let type:
            log.report(
                item.place,
                "\(name) has a volume of the type '\(type)'",
                hint: "known: volume, bind, tmpfs",
            )
            return nil
        }
    }

    /// Whether the engine's socket is there, or in there.
    private static func holdsEngine(_ path: String) -> Bool {
        let plain = "/" + path.split(separator: "/").joined(separator: "/")
        return ["/", "/run", "/var/run", "/var", "/run/docker.sock", "/var/run/docker.sock"].contains(plain)
    }

    private func volume(named name: String, _ place: ComposePlace) -> ContainerMount.Source? {
        guard let entry = file["volumes"]?.entries.first(where: { $0.key == name }) else {
            let known = file["volumes"]?.entries.map(\.key) ?? []
            log.report(
                place,
                "there is no volume \(name)",
                hint: name.notFoundHint(among: known, called: "volume")
                    + "; volumes are listed at the end of the file",
            )
            return nil
        }
        ComposeKeyTable.volume.check(entry.value, "the volume \(name)", log)
        let external = entry.value["external"]
        if external?["name"] != nil
            || reader.truth(external?["name"] == nil ? external : nil, "external") == true
        {
            return .externalVolume(entry.value["name"]?.text ?? external?["name"]?.text ?? name)
        }
        if let own = entry.value["name"] {
            log.remark(
                own.place,
                "the volume \(name) is not called \(own.text ?? "so"): each environment has its own",
                hint: "to use one that is there already, say 'external: true'",
            )
        }
        return .volume(name)
    }

    /// `/run`, `/run:size=64m,mode=1777`.
    private static func memory(_ text: String) -> ContainerMount {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        var (size, mode): (ByteCount?, String?) = (nil, nil)
        for option in parts.count > 1 ? parts[1].split(separator: ",") : [] {
            let pair = option.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2 else { continue }
            let value = ComposeValue(
                content: .text(pair[1], isQuoted: true),
                place: .init(file: "", place: .start),
            )
            if pair[0] == "size" { size = ComposeReader(log: ComposeLog()).size(value, "") }
            if pair[0] == "mode" { mode = pair[1] }
        }
        return ContainerMount(.memory(size: size, mode: mode), at: parts.first ?? text)
    }

    private func grant(_ item: ComposeValue, _ kind: String, _ name: String) -> ContainerMount? {
        ComposeKeyTable.grant.check(item, "one of the \(kind) of \(name)", log)
        guard let source = reader.text(item["source"], "source of one of the \(kind) of \(name)"),
            let content = content(source, kind, item.place)
        else { return nil }
        let said = item["target"]?.text ?? source
        let target = said.hasPrefix("/") ? said : kind == "secrets" ? "/run/secrets/\(said)" : "/\(said)"
        let mode = mode(item["mode"], "mode of one of the \(kind) of \(name)")
        return ContainerMount(
            .file(content: content, mode: mode, owner: item["uid"]?.text, group: item["gid"]?.text),
            at: target,
            isReadOnly: true,
        )
    }

    /// Octal digits, without the `0o` or `0` that YAML has before them.
    private func mode(_ value: ComposeValue?, _ subject: String) -> String? {
        guard let value, let text = value.text else { return nil }
        let digits = text.hasPrefix("0o") ? String(text.dropFirst(2)) : text
        guard let bits = UInt32(digits, radix: 8), bits <= 0o7777 else {
            return reader.refuse(value, subject, "an octal mode, such as 0440")
        }
        return String(bits, radix: 8)
    }

    /// What a secret or config at the top of the file has in it; nil when it is not there, which was reported.
    func content(_ name: String, _ kind: String, _ place: ComposePlace) -> ContainerSecretSource? {
        let noun = String(kind.dropLast())
        guard let found = file[kind]?[name] else {
            let known = file[kind]?.entries.map(\.key) ?? []
            log.report(
                place,
                "there is no \(noun) \(name)",
                hint: name.notFoundHint(among: known, called: noun),
            )
            return nil
        }
        (kind == "secrets" ? ComposeKeyTable.secret : .config).check(found, "the \(noun) \(name)", log)
        if let path = found["file"]?.text {
            guard path.hasPrefix("/") else { return .file(path) }
            log.report(
                place,
                "\(path) is not part of the commit",
                hint: "say 'environment: NAME' for a variable of the environment",
            )
            return nil
        }
        if let variable = found["environment"]?.text { return .variable(variable) }
        if let text = found["content"]?.text { return .text(text) }
        log.report(
            place,
            "the \(noun) \(name) says not what is in it",
            hint:
                "add 'environment: NAME' for a variable of the environment, or 'file: PATH' for a file of the repository",
        )
        return nil
    }
}
