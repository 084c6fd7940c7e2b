// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a manifest says, or everything that is wrong with it.
public struct ManifestReading: Hashable, Sendable {
    /// The manifest with defaults filled in; nil exactly when there are diagnostics.
    public var manifest: ProjectManifest?
    /// Every mistake, in the order of the file.
    public var diagnostics: [ManifestDiagnostic]
    /// What is no mistake and should be known: keys that nothing acts on yet.
    public var remarks: [ManifestDiagnostic] = []
    /// Files of the repository that it names and that nobody has looked for; what was read is not all there is then.
    public var wanted: Set<String> = []

    /// The manifest.
    ///
    /// - Returns: What the file says, with defaults filled in.
    /// - Throws: `invalid-manifest` with every mistake as evidence.
    public func get() throws(Failure) -> ProjectManifest {
        if let manifest { return manifest }
        let file = diagnostics.first?.file ?? ManifestParser.fileName
        let count = diagnostics.count == 1 ? "a mistake" : "\(diagnostics.count) mistakes"
        throw Failure(
            .invalidManifest,
            "\(file) has \(count)",
            hint: "edit it, then run `opshub check`",
            evidence: diagnostics.map(\.description),
        )
    }
}
