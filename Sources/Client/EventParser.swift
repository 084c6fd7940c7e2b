// SPDX-License-Identifier: Apache-2.0

/// Takes server-sent events apart: the data of each, whatever way the bytes come.
struct EventParser {
    private var line: [UInt8] = []
    private var data: [UInt8] = []

    /// The data of every event that these bytes complete.
    mutating func take(_ bytes: some Sequence<UInt8>) -> [[UInt8]] {
        var events: [[UInt8]] = []
        for byte in bytes {
            guard byte == UInt8(ascii: "\n") else {
                line.append(byte)
                continue
            }
            if line.isEmpty {
                if !data.isEmpty { events.append(data) }
                data = []
            } else if line.starts(with: Array("data: ".utf8)) {
                data += line.dropFirst(6)
            }
            line = []
        }
        return events
    }
}
