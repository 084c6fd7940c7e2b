// SPDX-License-Identifier: Apache-2.0

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
    /// The dump's bytes before any of that.
    public var plain: DumpSeal

    /// Describes an encoding.
    public init(key: String, plain: DumpSeal) {
        self.key = key
        self.plain = plain
    }
}
