// SPDX-License-Identifier: Apache-2.0
public import Core

/// Reads `opshub.yml`.
///
/// Everything that can be told from the text alone is checked here, and every mistake is found in one reading.
public enum ManifestParser {
    /// Where a repository has its manifest.
    public static let fileName = "opshub.yml"

    /// Reads the text of a manifest.
    ///
    /// - Parameters:
    ///   - text: The whole file.
    ///   - file: The file's path as the reader knows it, for the mistakes.
    ///   - files: Files of the repository that it may name.
    ///   - environment: Whose compose files are read; those of all, one after another, when nil.
    /// - Returns: The manifest, or every mistake in it. With compose files, services and accessories are those of the environment.
    public static func parse(
        _ text: String,
        file: String = fileName,
        files: ManifestFiles = ManifestFiles(),
        for environment: EnvironmentName? = nil,
    ) -> ManifestReading {
        let log = ReadingLog(file: file)
        let unmarked =
            text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        guard let root = ManifestDocument.root(of: unmarked, log: log) else {
            return ManifestReading(manifest: nil, diagnostics: log.diagnostics)
        }
        let manifest = ProjectReader.shape.read(ManifestNode(root, .root, keyPlace: .start, log: log))
        guard let manifest, manifest.isComposed else {
            if let manifest { ManifestChecks.run(manifest, log) }
            let diagnostics = log.diagnostics
            return ManifestReading(
                manifest: diagnostics.isEmpty ? manifest : nil,
                diagnostics: diagnostics,
                remarks: log.remarks,
            )
        }
        return ComposedManifest(manifest: manifest, log: log, desk: ManifestFileDesk(files))
            .reading(for: environment)
    }

    /// Reads the bytes of a manifest, which must be UTF-8.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: The file's path as the reader knows it, for the mistakes.
    ///   - files: Files of the repository that it may name.
    ///   - environment: Whose compose files are read; those of all when nil.
    /// - Returns: The manifest, or every mistake in it.
    public static func parse(
        bytes: some Collection<UInt8>,
        file: String = fileName,
        files: ManifestFiles = ManifestFiles(),
        for environment: EnvironmentName? = nil,
    ) -> ManifestReading {
        if let text = String(validating: bytes, as: UTF8.self) {
            return parse(text, file: file, files: files, for: environment)
        }
        let place = InvalidText.place(in: bytes)
        let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let mistake = ManifestDiagnostic(
            file: file,
            line: place.line,
            column: place.column,
            message: isUTF16 ? "the file is UTF-16" : "this is not UTF-8",
            hint: "save the file as UTF-8",
        )
        return ManifestReading(manifest: nil, diagnostics: [mistake])
    }

    /// Reads a manifest and every file of the repository that it names.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: The file's path as the reader knows it, for the mistakes.
    ///   - environment: Whose compose files are read; those of all when nil.
    ///   - find: A file's bytes, by its path below the root; nil when there is none.
    /// - Returns: The manifest, or every mistake in it.
    /// - Throws: What `find` throws.
    public static func read(
        bytes: [UInt8],
        file: String = fileName,
        for environment: EnvironmentName? = nil,
        find: (String) async throws -> [UInt8]?,
    ) async throws -> ManifestReading {
        var files = ManifestFiles()
        while true {
            let reading = parse(bytes: bytes, file: file, files: files, for: environment)
            guard !reading.wanted.isEmpty else { return reading }
            for path in reading.wanted.sorted() { files.add(path, try await find(path)) }
        }
    }
}
