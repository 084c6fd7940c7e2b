// SPDX-License-Identifier: Apache-2.0
public import Core

/// How much memory the machine has left.
public enum MemoryInformation {
    /// What programs could get without swapping: `MemAvailable` of `/proc/meminfo`.
    ///
    /// Throws `unexpected` when the kernel does not say.
    public static func available() throws(Failure) -> ByteCount {
        let text = try FileContent.text(of: "/proc/meminfo") ?? ""
        guard let bytes = bytes(named: "MemAvailable", in: text) else {
            throw Failure(.unexpected, "/proc/meminfo does not say how much memory is available")
        }
        return bytes
    }

    /// Lines are `MemAvailable:   24187392 kB`.
    static func bytes(named name: String, in text: String) -> ByteCount? {
        let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
        let words = line?.split(separator: " ") ?? []
        guard words.count == 3, words[2] == "kB", let kibibytes = Int64(words[1]) else { return nil }
        return ByteCount(kibibytes << 10)
    }
}
