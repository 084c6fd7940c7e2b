// SPDX-License-Identifier: Apache-2.0

/// What one reading of a file finds out: its mistakes, and where everything is.
///
/// Belongs to one call of the parser and never leaves it.
final class ReadingLog {
    /// The file's path, for the mistakes.
    let file: String
    /// Keys that appear more than once, under the place of all but their last appearance; see `RepeatedKeys`.
    var repeatedKeys: [ManifestPlace: String] = [:]
    /// Whether services are described elsewhere, and only added to here.
    var describesAdditions = false
    /// How many more merged mappings may be followed, so that merges of merges can't take forever.
    var mergesLeft = 1000

    private var found: Set<ManifestDiagnostic> = []
    private var remarked: Set<ManifestDiagnostic> = []
    private var keyPlaces: [ManifestPath: ManifestPlace] = [:]
    private var valuePlaces: [ManifestPath: ManifestPlace] = [:]
    private var brokenPaths: Set<ManifestPath> = []

    /// Starts with no mistakes.
    init(file: String) {
        self.file = file
    }

    /// Every mistake so far, in the order of the file.
    var diagnostics: [ManifestDiagnostic] { Self.inOrder(found) }

    /// What is no mistake and should be known, in the order of the file.
    var remarks: [ManifestDiagnostic] { Self.inOrder(remarked) }

    /// Adds a mistake.
    func report(_ place: ManifestPlace, _ message: String, hint: String? = nil) {
        found.insert(diagnostic(place, message, hint))
    }

    /// Adds a remark.
    func remark(_ place: ManifestPlace, _ message: String, hint: String) {
        remarked.insert(diagnostic(place, message, hint))
    }

    private func diagnostic(_ place: ManifestPlace, _ message: String, _ hint: String?) -> ManifestDiagnostic
    {
        ManifestDiagnostic(
            file: file,
            line: place.line,
            column: place.column,
            message: message,
            hint: hint,
        )
    }

    private static func inOrder(_ found: Set<ManifestDiagnostic>) -> [ManifestDiagnostic] {
        found.sorted { ($0.line, $0.column, $0.message) < ($1.line, $1.column, $1.message) }
    }

    /// Adds a mistake of a value.
    func report(_ path: ManifestPath, at place: ManifestPlace, _ message: String, hint: String?) {
        brokenPaths.insert(path)
        report(place, message, hint: hint)
    }

    /// Remembers where a value and its key are.
    func remember(_ path: ManifestPath, key: ManifestPlace, value: ManifestPlace) {
        keyPlaces[path] = key
        valuePlaces[path] = value
    }

    /// Where a value is, or else the nearest thing around it.
    func place(of path: ManifestPath) -> ManifestPlace {
        valuePlaces[path] ?? (path == .root ? .start : place(of: path.parent))
    }

    /// Where a value's key is, or else the nearest key around it.
    func keyPlace(of path: ManifestPath) -> ManifestPlace {
        keyPlaces[path] ?? (path == .root ? .start : keyPlace(of: path.parent))
    }

    /// The values of a list, each with the path of its item; items that could not be read have no value.
    func items<Value>(of path: ManifestPath, _ values: [Value]) -> [(path: ManifestPath, value: Value)] {
        let numbers = (1...).lazy.filter { !self.brokenPaths.contains(path.item($0)) }
        return zip(numbers, values).map { (path.item($0), $1) }
    }

    /// Whether the file says something there, right or wrong.
    func says(_ path: ManifestPath) -> Bool { keyPlaces[path] != nil }

    /// Whether a value at `path`, or below it, is already known to be wrong.
    func isBroken(_ path: ManifestPath) -> Bool {
        brokenPaths.contains { $0.steps.starts(with: path.steps) }
    }
}
