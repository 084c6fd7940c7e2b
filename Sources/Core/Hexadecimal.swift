// SPDX-License-Identifier: Apache-2.0

extension Sequence<UInt8> {
    /// Two lowercase digits per byte.
    public var hexadecimal: String {
        map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0\(digits)" : digits
        }
        .joined()
    }
}
