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

    /// Back to the beginning of the line, and erase it (ECMA-48: EL 2).
    static let erasing = "\r\u{1B}[2K"

    /// As much of a line as one line of a terminal takes: what goes on in the next could not be erased.
    static func fitting(_ line: String, on descriptor: Int32) -> String {
        var size = winsize()
        guard unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return line }
        let room = Int(size.ws_col) - 1
        return line.count > room ? line.prefix(room - 1) + "…" : line
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
