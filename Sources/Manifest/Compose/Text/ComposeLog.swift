// SPDX-License-Identifier: Apache-2.0

/// What reading compose files finds out: mistakes, and what is no mistake and should be known.
///
/// Belongs to one reading and never leaves it.
final class ComposeLog {
    private var found: Set<ManifestDiagnostic> = []
    private var remarked: Set<ManifestDiagnostic> = []
    /// How many values may still be made of aliases and merges, so that they can't take forever.
    var valuesLeft = 50_000

    /// Every mistake.
    var mistakes: [ManifestDiagnostic] { Self.inOrder(found) }
    /// What should be known.
    var remarks: [ManifestDiagnostic] { Self.inOrder(remarked) }

    /// Adds a mistake.
    func report(_ place: ComposePlace, _ message: String, hint: String? = nil) {
        found.insert(Self.diagnostic(place, message, hint))
    }

    /// Adds a remark: what becomes of something that was written.
    func remark(_ place: ComposePlace, _ message: String, hint: String? = nil) {
        remarked.insert(Self.diagnostic(place, message, hint))
    }

    /// Adds what reading the text alone has found.
    func add(_ log: ReadingLog) {
        found.formUnion(log.diagnostics)
        remarked.formUnion(log.remarks)
    }

    private static func diagnostic(
        _ place: ComposePlace,
        _ message: String,
        _ hint: String?,
    ) -> ManifestDiagnostic {
        ManifestDiagnostic(
            file: place.file,
            line: place.place.line,
            column: place.place.column,
            message: message,
            hint: hint,
        )
    }

    private static func inOrder(_ found: Set<ManifestDiagnostic>) -> [ManifestDiagnostic] {
        found.sorted {
            ($0.file, $0.line, $0.column, $0.message) < ($1.file, $1.line, $1.column, $1.message)
        }
    }
}
