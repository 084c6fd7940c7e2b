// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import DataSafety

/// Counts and hashes bytes as they pass.
struct SealMaker {
    private var hash = SHA256()
    /// How many there were.
    private(set) var size: Int64 = 0

    /// Takes the next ones.
    mutating func add(_ bytes: [UInt8]) {
        hash.update(data: bytes)
        size += Int64(bytes.count)
    }

    /// What passed until now.
    var seal: DumpSeal {
        DumpSeal(size: ByteCount(size), sha256: hash.finalize().hexadecimal)
    }
}
