// SPDX-License-Identifier: Apache-2.0
import API
import Core
import FoundationEssentials
import Glibc

/// Where words and data go: data to standard output, words to standard error.
enum Output {
    /// Writes data: JSON when asked for, or else what `text` says.
    static func render(_ value: some Encodable, json: Bool, text: () -> String) throws {
        let output =
            json ? String(decoding: try Wire.encoder(pretty: true).encode(value), as: UTF8.self) : text()
        write(output.hasSuffix("\n") ? output : output + "\n", to: 1)
    }

    /// Writes a line of data.
    static func line(_ text: String) { write(text + "\n", to: 1) }

    /// Writes a line of words.
    static func say(_ text: String) { write(text + "\n", to: 2) }

    /// Whether standard output is a terminal that a person looks at.
    static var isTerminal: Bool {
        isatty(1) == 1 && Home.variable("TERM") != "dumb" && Home.variable("NO_COLOR") == nil
    }

    /// Writes all of it, also into a slow pipe; a reader that went away ends it silently.
    static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            guard written > 0 || errno == EINTR else { return }
            bytes = bytes.dropFirst(max(0, written))
        }
    }
}
