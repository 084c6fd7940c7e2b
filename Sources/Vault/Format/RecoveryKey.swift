// SPDX-License-Identifier: Apache-2.0
public import Core
import Crypto
import FoundationEssentials

/// The key of every backup of a home: whoever has it and a backup has the data; without it nobody has, OpsHub included.
///
/// As text `opshub-key-1 BASE64 CHECK`: 32 random bytes, and the first eight digits of their SHA-256, so that a key which
/// lost a letter on its way is told from a wrong one.
public struct RecoveryKey: Sendable {
    private static let label = "opshub-key-1"
    /// The bytes.
    let bytes: SymmetricKey

    /// A new one.
    public init() {
        bytes = SymmetricKey(size: .bits256)
    }

    /// One that was written down.
    ///
    /// Throws `invalid` that says what is wrong with the text, and never shows it.
    public init(_ text: Secret) throws(Failure) {
        let words = text.revealed().split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == Self.label else {
            throw Failure(
                .invalid,
                "this is no recovery key: it does not begin with '\(Self.label)' and two more words",
                hint: "it is what 'opshub backup export-key' prints, on one line",
            )
        }
        guard let data = Data(base64Encoded: String(words[1])), data.count == 32 else {
            throw Failure(
                .invalid,
                "this recovery key is damaged: its second word is not 32 bytes in base64",
            )
        }
        guard Self.check(Array(data)) == words[2] else {
            throw Failure(
                .invalid,
                "this recovery key is damaged: its last word does not fit, so a letter is wrong or missing",
            )
        }
        bytes = SymmetricKey(data: data)
    }

    /// As text.
    public var text: Secret {
        let raw = raw
        return Secret("\(Self.label) \(Data(raw).base64EncodedString()) \(Self.check(raw))")
    }

    /// Names it without telling anything of it: sixteen hexadecimal digits.
    public var id: String { idBytes.hexadecimal }

    /// The name's eight bytes.
    var idBytes: [UInt8] { Array(SHA256.hash(data: Array("opshub recovery key".utf8) + raw).prefix(8)) }

    /// The key of one backup, from the random bytes in its header and what it is a backup of (HKDF, RFC 5869): the file of
    /// another backup does not open in its place.
    func derived(salt: [UInt8], for subject: String) -> SymmetricKey {
        HKDF<SHA256>
            .deriveKey(
                inputKeyMaterial: bytes,
                salt: salt,
                info: Array("opshub backup 1 \(subject)".utf8),
                outputByteCount: 32,
            )
    }

    private var raw: [UInt8] { unsafe bytes.withUnsafeBytes { unsafe Array($0) } }

    private static func check(_ raw: [UInt8]) -> String { SHA256.hash(data: raw).prefix(4).hexadecimal }
}
