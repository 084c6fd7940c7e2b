// SPDX-License-Identifier: Apache-2.0
public import Core

/// A dump as it lies in the vault.
public struct StoredDump: Hashable, Sendable, Codable {
    /// The file's own bytes: what is counted, copied and compared without any key.
    public var seal: DumpSeal
    /// What was done to the dump before; nil for one that an earlier version wrote as it was.
    public var encoding: DumpEncoding?

    /// Describes a stored dump.
    public init(seal: DumpSeal, encoding: DumpEncoding?) {
        self.seal = seal
        self.encoding = encoding
    }
}

/// How a dump was compressed and encrypted: Zstandard within AES-256-GCM in chunks.
public struct DumpEncoding: Hashable, Sendable, Codable {
    /// Names the recovery key that opens it.
    public var key: String
    /// The dump before any of that.
    public var plain: PlainDump
    /// Where reading may begin besides its beginning, in order; nil when an earlier version wrote it, or there is no such place.
    public var frames: [DumpFrame]?

    /// Describes an encoding.
    public init(key: String, plain: PlainDump, frames: [DumpFrame]? = nil) {
        self.key = key
        self.plain = plain
        self.frames = frames
    }

    /// Whether a file that was read had this in it, as far as both know; where reading may begin is not told by reading it.
    public func isRead(as other: DumpEncoding?) -> Bool {
        other?.key == key && plain.isRead(as: other?.plain)
    }
}

/// Where a compressed stream begins anew: what lies before need not be read to go on from here.
public struct DumpFrame: Hashable, Sendable, Codable {
    /// Bytes before it of the dump as it was.
    public var plain: Int64
    /// Bytes before it of what is encrypted.
    public var compressed: Int64

    /// Describes a place.
    public init(plain: Int64, compressed: Int64) {
        (self.plain, self.compressed) = (plain, compressed)
    }
}

/// A dump before it was compressed and encrypted.
public struct PlainDump: Hashable, Sendable, Codable {
    /// How many bytes.
    public var size: ByteCount
    /// Their SHA-256, 64 digits, as earlier versions took it.
    ///
    /// Nil since: every chunk is authenticated, and the stream in them ends with Zstandard's own checksum of what it stands for.
    public var sha256: String?

    /// Describes a dump.
    public init(size: ByteCount, sha256: String? = nil) {
        self.size = size
        self.sha256 = sha256
    }

    /// Whether what was read may be this, as far as both know.
    func isRead(as other: PlainDump?) -> Bool {
        guard let other, other.size == size else { return false }
        guard let own = sha256, let read = other.sha256 else { return true }
        return own == read
    }
}
