// SPDX-License-Identifier: Apache-2.0
import Yams

/// A place in the text, both counted from 1.
struct ManifestPlace: Hashable, Sendable, Comparable {
    /// The line.
    var line: Int
    /// The column, in Unicode scalars, as libyaml counts.
    var column: Int

    /// Where every file begins.
    static let start = Self(line: 1, column: 1)

    /// Earlier places come first.
    static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

extension ManifestPlace {
    /// The place that Yams gives.
    init(_ mark: Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}

extension ManifestPlace: CustomStringConvertible {
    /// As a message names another place.
    var description: String { "line \(line), column \(column)" }
}
