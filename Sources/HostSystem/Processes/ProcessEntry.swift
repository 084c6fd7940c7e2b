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

    /// Whether it has ended and only waits for its parent to look.
    public var isZombie: Bool { state == "Z" || state == "X" }

    /// Reads one `stat` line; nil when it is none.
    ///
    /// The name stands in parentheses and may contain anything.
    public init?(stat line: String) {
        guard let open = line.firstIndex(of: "("), let close = line.lastIndex(of: ")"), open < close,
            let id = Int32(line[..<open].filter { !$0.isWhitespace })
        else { return nil }
        let fields = line[line.index(after: close)...].split(whereSeparator: \.isWhitespace)
        guard fields.count > 19, let state = fields[0].first, let parent = Int32(fields[1]),
            let group = Int32(fields[2]), let session = Int32(fields[3]), let startTicks = UInt64(fields[19])
        else { return nil }
        self.id = id
        self.name = String(line[line.index(after: open)..<close])
        self.state = state
        self.parent = parent
        self.group = group
        self.session = session
        self.startTicks = startTicks
    }
}
