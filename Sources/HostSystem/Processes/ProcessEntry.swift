// SPDX-License-Identifier: Apache-2.0

/// One process as the kernel shows it in `/proc/<id>/stat` (proc(5)).
public struct ProcessEntry: Sendable, Hashable {
    /// Its number.
    ///
    /// Used again by the system for another process after this one is gone.
    public let id: Int32
    /// The name of its program, as the kernel has it: at most 15 bytes.
    public let name: String
    /// What it does: `R` runs, `S` sleeps, `D` can't be disturbed, `T` is stopped, `Z` has ended.
    public let state: Character
    /// Who started it, or who took it over when that one ended.
    public let parent: Int32
    /// Its process group.
    public let group: Int32
    /// Its session.
    public let session: Int32
    /// When it started, in clock ticks since boot; with ``id`` and the boot it names a process for ever.
    public let startTicks: UInt64

    /// Pages of memory that it has at the moment.
    public let residentPages: Int

    /// Whether it has ended and only waits for its parent to look.
    public var isZombie: Bool { state == "Z" || state == "X" }

    /// Reads one `stat` line; nil when it is none.
    ///
    /// The name stands in parentheses and may contain anything. Read as bytes, because it is done for every process of the
    /// machine at a time.
    public init?(stat line: [UInt8]) {
        guard let open = line.firstIndex(of: UInt8(ascii: "(")),
            let close = line.lastIndex(of: UInt8(ascii: ")")),
            open > 1, open < close, let id = Self.number(line[..<(open - 1)])
        else { return nil }
        let fields = line[(close + 1)...].split(separator: UInt8(ascii: " "), maxSplits: 22)
        guard fields.count > 21, let state = fields[0].first, let parent = Self.number(fields[1]),
            let group = Self.number(fields[2]), let session = Self.number(fields[3]),
            let startTicks = UInt64(String(decoding: fields[19], as: UTF8.self)),
            let residentPages = Int(String(decoding: fields[21], as: UTF8.self))
        else { return nil }
        self.id = id
        self.name = String(decoding: line[(open + 1)..<close], as: UTF8.self)
        self.state = Character(Unicode.Scalar(state))
        self.parent = parent
        self.group = group
        self.session = session
        self.startTicks = startTicks
        self.residentPages = residentPages
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int32? {
        Int32(String(decoding: digits, as: UTF8.self))
    }
}
