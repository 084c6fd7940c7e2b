// SPDX-License-Identifier: Apache-2.0
public import Core

/// The bytes of a dump, told apart from any others.
public struct DumpSeal: Hashable, Sendable, Codable {
    /// How many bytes.
    public var size: ByteCount
    /// Their SHA-256, 64 lowercase hexadecimal digits.
    public var sha256: String

    /// Describes bytes.
    public init(size: ByteCount, sha256: String) {
        self.size = size
        self.sha256 = sha256
    }
}
