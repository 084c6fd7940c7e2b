// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto

/// The beginning of a dump's file: everything that reading it takes, but the key.
///
/// | bytes | what |
/// |---|---|
/// | 8 | `OPSHUBBK` |
/// | 1 | 1, the version of this format |
/// | 8 | the recovery key's name |
/// | 32 | random, for this file's own key |
/// | 4 | bytes in a chunk before it is encrypted, big endian |
///
/// Chunks follow, each AES-256-GCM with 16 bytes more. A chunk's nonce is seven zero bytes, its number from 0 in four bytes,
/// and one byte that is 1 in the last chunk alone, so that none can be left out, moved, repeated or added (STREAM: Hoang,
/// Reyhanitabar, Rogaway, Vizár, 2015). The header is authenticated with every chunk. What the chunks hold together is one
/// Zstandard stream of one or more frames; where they begin, the manifest says.
struct DumpHeader: Hashable {
    static let size = 53
    private static let magic = Array("OPSHUBBK".utf8)
    private static let version: UInt8 = 1

    /// Names the key that opens it.
    let keyID: [UInt8]
    /// Random.
    let salt: [UInt8]
    /// Bytes in a chunk before it is encrypted.
    let chunkSize: Int

    /// The header of a new file.
    init(_ key: RecoveryKey, chunkSize: Int = 256 << 10) {
        keyID = key.idBytes
        var generator = SystemRandomNumberGenerator()
        salt = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.chunkSize = chunkSize
    }

    /// Reads one; nil when these bytes do not begin such a file.
    ///
    /// Throws `backup-failed` for one that was damaged, or that a newer OpsHub wrote.
    init?(_ bytes: [UInt8]) throws(Failure) {
        guard bytes.starts(with: Self.magic) else { return nil }
        guard bytes.count == Self.size else {
            throw Failure(.backupFailed, "the dump ends within its header")
        }
        guard bytes[8] == Self.version else {
            throw Failure(
                .backupFailed,
                "the dump has format \(bytes[8]), and this OpsHub reads format \(Self.version)",
                hint: "use the OpsHub that wrote it, or a later one",
            )
        }
        keyID = Array(bytes[9..<17])
        salt = Array(bytes[17..<49])
        chunkSize = bytes[49..<53].reduce(0) { $0 << 8 | Int($1) }
        guard (1...(16 << 20)).contains(chunkSize) else {
            throw Failure(.backupFailed, "the dump's header is damaged: chunks of \(chunkSize) bytes")
        }
    }

    /// As it is written.
    var bytes: [UInt8] {
        Self.magic + [Self.version] + keyID + salt
            + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: chunkSize >> $0) }
    }
}
