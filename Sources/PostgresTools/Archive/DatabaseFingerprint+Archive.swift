// SPDX-License-Identifier: Apache-2.0
import DataSafety

extension DatabaseFingerprint {
    /// What an archive says that it holds.
    init(_ contents: ArchiveContents) {
        self.init(
            reading: Self.fromArchive,
            definitions: contents.definitions,
            tables: contents.tables,
            sequences: contents.sequences,
        )
    }

    /// Says in which way definitions and rows became digests: here by ``ArchiveContents`` and ``RowDigest``.
    private static let fromArchive = "archive-1"
}
