// SPDX-License-Identifier: Apache-2.0

/// Reads several compose files and lays them over each other; services that extend others are filled in.
struct ComposeProjectText {
    /// How deep services may extend services.
    private static let deepest = 20

    let desk: ManifestFileDesk
    let variables: ComposeVariables
    let log: ComposeLog

    /// The files as one, in their long forms; nil when one of them can't be read or is not known yet.
    ///
    /// - Parameters:
    ///   - paths: Below the repository's root, each over those before it. All relative paths begin where the first one is.
    ///   - place: Where they are named.
    /// - Returns: One tree, with the place of everything in it.
    func value(_ paths: [String], named place: ComposePlace) -> ComposeValue? {
        guard let first = paths.first else { return nil }
        let folder = RepositoryPath.folder(of: first)
        let own = withDotEnv(in: folder)
        var result: ComposeValue?
        for path in paths {
            guard let text = text(path, named: place) else { return nil }
            guard let file = value(text, path, folder, own) else { return nil }
            result = result.map { ComposeMerge.merge($0, file) } ?? file
        }
        return result
    }

    /// The variables with those of `.env` beside the first file, which compose reads by itself.
    func withDotEnv(in folder: String) -> ComposeVariables {
        let path = folder == "." ? ".env" : "\(folder)/.env"
        guard case .text(let text) = desk.find(path) else { return variables }
        let pairs = VariableFileText(file: path, variables: variables, log: log).values(text)
        return variables.over(Dictionary(pairs.map { ($0.name, $0.value) }) { $1 })
    }

    private func text(_ path: String, named place: ComposePlace) -> String? {
        switch desk.find(path) {
        case .text(let text): return text
        case .unknown: return nil
        case .binary:
            log.report(place, "\(path) is not UTF-8", hint: "save the file as UTF-8")
            return nil
        case .absent:
            log.report(place, "the repository has no \(path)", hint: "is it committed? git ls-files \(path)")
            return nil
        }
    }

    private func value(
        _ text: String,
        _ path: String,
        _ folder: String,
        _ variables: ComposeVariables,
    ) -> ComposeValue? {
        guard let value = ComposeText(file: path, variables: variables, log: log).value(text) else {
            return nil
        }
        let long = ComposeForms(folder: folder, variables: variables, log: log).file(value)
        return extended(long, variables, depth: 0)
    }

    /// The file with every service that extends another filled in.
    private func extended(_ file: ComposeValue, _ variables: ComposeVariables, depth: Int) -> ComposeValue {
        guard case .map(let entries) = file.content else { return file }
        let changed = entries.map { entry -> ComposeEntry in
            guard entry.key == "services", case .map(let services) = entry.value.content else { return entry }
            let filled = services.map {
                ComposeEntry(
                    key: $0.key,
                    place: $0.place,
                    value: extended($0, file, variables, depth: depth),
                )
            }
            var entry = entry
            entry.value.content = .map(filled)
            return entry
        }
        var file = file
        file.content = .map(changed)
        return file
    }

    private func extended(
        _ service: ComposeEntry,
        _ file: ComposeValue,
        _ variables: ComposeVariables,
        depth: Int,
    ) -> ComposeValue {
        guard let extends = service.value["extends"] else { return service.value }
        var own = service.value
        own.content = .map(own.entries.filter { $0.key != "extends" })
        guard depth < Self.deepest else {
            log.report(
                extends.place,
                "\(service.key) extends itself, by way of others",
                hint: "remove one 'extends'",
            )
            return own
        }
        guard let name = extends["service"]?.text else {
            log.report(
                extends.place,
                "'extends' of \(service.key) names no service",
                hint: "add 'service: NAME'",
            )
            return own
        }
        guard let base = base(name, extends, file, variables, depth: depth + 1) else { return own }
        let path = ["services", service.key]
        return ComposeMerge.merge(base, own, at: path)
    }

    /// The service that another extends, itself filled in.
    private func base(
        _ name: String,
        _ extends: ComposeValue,
        _ file: ComposeValue,
        _ variables: ComposeVariables,
        depth: Int,
    ) -> ComposeValue? {
        var (source, path) = (file, extends.place.file)
        if let other = extends["file"]?.text, other != path {
            guard let text = text(other, named: extends.place),
                let value = ComposeText(file: other, variables: variables, log: log).value(text)
            else { return nil }
            path = other
            let folder = RepositoryPath.folder(of: other)
            source = ComposeForms(folder: folder, variables: variables, log: log).file(value)
        }
        guard let services = source["services"], let found = services.entries.first(where: { $0.key == name })
        else {
            let known = source["services"]?.entries.map(\.key) ?? []
            log.report(
                extends.place,
                "'extends' names \(name), and \(path) has no such service",
                hint: name.notFoundHint(among: known, called: "service"),
            )
            return nil
        }
        return extended(found, source, variables, depth: depth)
    }
}
