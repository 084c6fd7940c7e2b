// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto

/// Encrypts and opens the chunks of one dump; see ``DumpHeader``.
struct ChunkCipher {
    /// What a chunk grows by.
    static let overhead = 16

    private let key: SymmetricKey
    private let header: [UInt8]

    /// The cipher of a file.
    ///
    /// Throws `conflict` when another key encrypted it: nothing is known of the dump then.
    init(_ recoveryKey: RecoveryKey, _ header: DumpHeader, of subject: String) throws(Failure) {
        guard header.keyID == recoveryKey.idBytes else {
            throw Failure(
                .conflict,
                "the dump was encrypted with recovery key \(header.keyID.hexadecimal), and this one is \(recoveryKey.id)",
                hint: "give the key that 'opshub backup export-key' printed where it was made",
            )
        }
        key = recoveryKey.derived(salt: header.salt, for: subject)
        self.header = header.bytes
    }

    /// A chunk as it is written.
    func seal(_ chunk: ArraySlice<UInt8>, number: UInt32, isLast: Bool) throws(Failure) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                chunk,
                using: key,
                nonce: try nonce(number, isLast),
                authenticating: header,
            )
            return Array(box.ciphertext) + Array(box.tag)
        } catch {
            throw Failure(.unexpected, "encrypting chunk \(number) failed", cause: "\(error)")
        }
    }

    /// What a chunk holds.
    ///
    /// Throws `backup-failed` for one that is not what was written, or not where it was.
    func open(_ bytes: [UInt8], number: UInt32, isLast: Bool) throws(Failure) -> [UInt8] {
        do {
            let split = bytes.count - Self.overhead
            let box = try AES.GCM.SealedBox(
                nonce: try nonce(number, isLast),
                ciphertext: bytes.prefix(max(0, split)),
                tag: bytes.suffix(Self.overhead),
            )
            return Array(try AES.GCM.open(box, using: key, authenticating: header))
        } catch {
            throw Failure(
                .backupFailed,
                isLast
                    ? "the dump is damaged in its last chunk, or cut short"
                    : "the dump is damaged in its chunk \(number)",
                hint: "keep it for a look, and make another one: opshub backup create",
            )
        }
    }

    private func nonce(_ number: UInt32, _ isLast: Bool) throws -> AES.GCM.Nonce {
        let counter = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> UInt32($0)) }
        return try AES.GCM.Nonce(data: [UInt8](repeating: 0, count: 7) + counter + [isLast ? 1 : 0])
    }
}
