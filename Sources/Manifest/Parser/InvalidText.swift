// SPDX-License-Identifier: Apache-2.0

/// Finds where bytes stop being UTF-8.
enum InvalidText {
    /// The place of the first character that is not UTF-8; the end when there is none.
    static func place(in bytes: some Collection<UInt8>) -> ManifestPlace {
        var (decoder, iterator) = (UTF8(), bytes.makeIterator())
        var valid = String.UnicodeScalarView()
        while case .scalarValue(let scalar) = decoder.decode(&iterator) {
            valid.append(scalar)
        }
        return valid.place(of: valid.endIndex)
    }
}
