// SPDX-License-Identifier: Apache-2.0
import Core

/// The keys of `releases:`.
enum ReleasesKeys {
    private static let standard = ReleasesManifest()

    /// The key `keep_last:`.
    static let keepLast = StandardKey(
        "keep_last",
        .integer(in: 1...1000),
        "How many of the newest releases are kept on the disk. What serves, what is warm and what a rollback returns to always are.",
        standard: standard.keepLast,
    )
    /// The key `keep_days:`.
    static let keepDays = ManifestKey(
        "keep_days",
        .integer(in: 1...3650),
        "Releases older than so many days go although they are among the newest. Age does not matter when not said.",
    )
    /// The key `max_size:`.
    static let maxSize = StandardKey(
        "max_size",
        .size(atLeast: .mebibytes(1)),
        "What all releases of the environment may take on the disk; the oldest go first.",
        standard: standard.maxSize,
    )

    /// All of them.
    static let table = KeyTable(
        expected: "keys with values, such as { keep_last: 10 }",
        keys: [keepLast.description, keepDays.description, maxSize.description],
        synonyms: ["keep": "keep_last", "count": "keep_last", "days": "keep_days", "size": "max_size"],
    )

    /// A policy.
    static let shape = ValueShape<ReleasesManifest>
        .mapping(table) { fields in
            ReleasesManifest(
                keepLast: fields.value(keepLast),
                keepDays: fields.value(keepDays),
                maxSize: fields.value(maxSize),
            )
        }
}
