// SPDX-License-Identifier: Apache-2.0

/// The keys of `compose:`.
enum ComposeKeys {
    /// The key `files:`.
    static let files = ManifestKey<[String]>(
        "files",
        .oneOrMore(.folder, expected: "a file or a list of files"),
        "Compose files below the repository's root; each is laid over those before it.",
        whenMissing: "add 'files: docker-compose.yml'",
    )
    /// The key `profiles:`.
    static let profiles = ManifestKey<[String]>(
        "profiles",
        .oneOrMore(.command, expected: "a profile or a list of profiles"),
        "Profiles that are on.",
    )

    /// All of them.
    static let table = KeyTable(
        expected: "a file, a list of files, or { files: …, profiles: … }",
        keys: [files.description, profiles.description],
        synonyms: ["file": "files", "profile": "profiles"],
    )

    /// `docker-compose.yml`, `[a.yml, b.yml]` or `{ files: …, profiles: … }`.
    static let shape: ValueShape<ComposeManifest> = {
        let short = ValueShape<[String]>.oneOrMore(.folder, expected: table.expected)
            .map { ComposeManifest(files: $0) }
        let long = ValueShape<ComposeManifest>
            .mapping(table) { fields in
                ComposeManifest(files: fields.value(files) ?? [], profiles: fields.value(profiles) ?? [])
            }
        return ValueShape(
            expected: table.expected,
            schema: ["anyOf": [short.schema, long.schema]],
            nested: long.nested,
            write: { _ in nil },
        ) { node in
            if case .mapping = node.content { long.read(node) } else { short.read(node) }
        }
    }()
}
