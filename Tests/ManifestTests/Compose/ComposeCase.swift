// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import Manifest

/// A repository with `opshub.yml` and compose files, as its texts.
struct ComposeCase {
    var manifest = "project: shop\ncompose: docker-compose.yml\n"
    var files: [String: String] = [:]

    /// A repository with one compose file.
    init(_ compose: String, manifest: String? = nil, files: [String: String] = [:]) {
        self.manifest = manifest ?? self.manifest
        self.files = files.merging(["docker-compose.yml": compose]) { $1 }
    }

    /// What production sees.
    func reading(for environment: String = "production") async throws -> ManifestReading {
        try await ManifestParser.read(
            bytes: Array(manifest.utf8),
            for: EnvironmentName(environment),
            find: { path in files[path].map { Array($0.utf8) } },
        )
    }

    /// A service of it.
    func service(_ name: String, for environment: String = "production") async throws -> ServiceManifest {
        let manifest = try await reading(for: environment).get()
        return try #require(manifest.services.first { $0.name.rawValue == name })
    }

    /// Its mistakes, each as a line.
    func mistakes() async throws -> [String] { try await reading().diagnostics.map(\.description) }

    /// Its remarks, each as a line.
    func remarks() async throws -> [String] { try await reading().remarks.map(\.description) }
}
