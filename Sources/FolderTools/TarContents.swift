// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// What is in an archive of a folder.
struct TarContents: Hashable {
    /// What is right in the folder (`.`), and in each folder in it, with everything below: how many files, and a hash.
    var parts: [String: TableFingerprint]
    /// What it takes on a disk, unpacked.
    var size: ByteCount

    /// The way of reading that these hashes come from; a change of it needs another number.
    static let reading = "\(DatabaseFingerprint.folderReading) 1"
}

extension DatabaseFingerprint {
    /// What was in an archive.
    init(_ contents: TarContents) {
        self.init(reading: TarContents.reading, tables: contents.parts)
    }
}

/// Reads an archive while others use its bytes.
actor TarDigest {
    private var reader = TarReader()

    /// Takes the next bytes.
    func read(_ bytes: [UInt8]) throws(Failure) { try reader.read(bytes) }

    /// What was in them.
    func finish() throws(Failure) -> TarContents { try reader.finish() }
}
