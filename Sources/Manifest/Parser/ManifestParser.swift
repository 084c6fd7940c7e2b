// SPDX-License-Identifier: Apache-2.0

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
    /// - Returns: The manifest, or every mistake in it.
    public static func parse(_ text: String, file: String = fileName) -> ManifestReading {
        let log = ReadingLog(file: file)
        let unmarked =
            text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        guard let root = ManifestDocument.root(of: unmarked, log: log) else {
            return ManifestReading(manifest: nil, diagnostics: log.diagnostics)
        }
        let manifest = ProjectReader.shape.read(ManifestNode(root, .root, keyPlace: .start, log: log))
        if let manifest { ManifestChecks.run(manifest, log) }
        let diagnostics = log.diagnostics
        return ManifestReading(
            manifest: diagnostics.isEmpty ? manifest : nil,
            diagnostics: diagnostics,
            remarks: log.remarks,
        )
    }

    /// Reads the bytes of a manifest, which must be UTF-8.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - file: The file's path as the reader knows it, for the mistakes.
    /// - Returns: The manifest, or every mistake in it.
    public static func parse(bytes: some Collection<UInt8>, file: String = fileName) -> ManifestReading {
        if let text = String(validating: bytes, as: UTF8.self) { return parse(text, file: file) }
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
}
