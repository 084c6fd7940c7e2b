// SPDX-License-Identifier: Apache-2.0

/// Takes what the engine writes of a container's log apart, and writes it down as svlogd(8) would have.
///
/// The engine sends frames: 8 bytes (which stream, three zeros, the length in big-endian), then a time
/// (`2026-11-24T01:13:39.831938370Z`, or with `+01:00` where the machine's clock shows that), a space, and a line or a part of one. A container with a terminal has no frames, and
/// a time before every line.
struct LogFrames {
    /// Bytes of a line after which it is ended, whatever the container means.
    static let longestLine = 1 << 20
    private static let timeLength = 30
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")
    private static let carriageReturn = UInt8(ascii: "\r")

    private let isRaw: Bool
    /// Bytes of a frame whose rest has not come yet.
    private var rest: [UInt8] = []
    /// The beginning of a line, with its time, per stream.
    private var open: [UInt8: [UInt8]] = [:]
    /// The time of the piece that is being taken.
    private var time: [UInt8] = []
    /// The time of the last line that was handed over, as the engine has it.
    private(set) var last: [UInt8] = []

    /// - Parameter isRaw: Whether the container has a terminal.
    init(isRaw: Bool) {
        self.isRaw = isRaw
    }

    /// Adds every line that these bytes complete to `output`.
    mutating func take(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard rest.isEmpty else {
            unsafe rest.append(contentsOf: bytes)
            let all = rest
            rest = []
            unsafe all.withUnsafeBytes { unsafe takeWhole($0, &output) }
            return
        }
        unsafe takeWhole(bytes, &output)
    }

    /// Ends lines that were never ended.
    mutating func finish(into output: inout [UInt8]) {
        for stream in open.keys.sorted() {
            guard let line = open[stream], !line.isEmpty else { continue }
            output += line
            output.append(Self.newline)
        }
        open = [:]
    }

    private mutating func takeWhole(_ bytes: UnsafeRawBufferPointer, _ output: inout [UInt8]) {
        let taken = unsafe isRaw ? takeLines(bytes, &output) : takeFrames(bytes, &output)
        if taken < bytes.count { unsafe rest.append(contentsOf: bytes[taken...]) }
    }

    private mutating func takeFrames(_ bytes: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Int {
        var place = 0
        while place + 8 <= bytes.count {
            var length = 0
            for index in 4..<8 { length = unsafe length << 8 | Int(bytes[place + index]) }
            guard place + 8 + length <= bytes.count else { break }
            let start = place + 8
            let stream = unsafe bytes[place]
            unsafe takePiece(
                UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)]),
                of: stream,
                &output,
            )
            place = start + length
        }
        return place
    }

    private mutating func takeLines(_ bytes: UnsafeRawBufferPointer, _ output: inout [UInt8]) -> Int {
        var start = 0
        for index in 0..<bytes.count where unsafe bytes[index] == Self.newline {
            unsafe takePiece(UnsafeRawBufferPointer(rebasing: bytes[start...index]), of: 1, &output)
            start = index + 1
        }
        return start
    }

    /// A line, or a part of one, behind its time.
    private mutating func takePiece(
        _ piece: UnsafeRawBufferPointer,
        of stream: UInt8,
        _ output: inout [UInt8],
    ) {
        let length = unsafe timeLength(piece)
        guard let length, piece.count > length else { return }
        unsafe read(piece.prefix(length))
        let text = unsafe UnsafeRawBufferPointer(rebasing: piece[(length + 1)...])
        let isEnded = unsafe text.last == Self.newline
        if isEnded, open[stream] == nil {
            stamp(&output)
            unsafe appendLine(text, &output)
            last = time
            return
        }
        var line = open[stream] ?? []
        if line.isEmpty { stamp(&line) }
        if isEnded {
            unsafe appendLine(text, &line)
        } else {
            unsafe line.append(contentsOf: text)
        }
        guard isEnded || line.count >= Self.longestLine else {
            open[stream] = line
            return
        }
        if !isEnded { line.append(Self.newline) }
        output += line
        open[stream] = nil
        last = time
    }

    /// How long the time is that a piece begins with; nil when it begins with none.
    private func timeLength(_ piece: UnsafeRawBufferPointer) -> Int? {
        if unsafe piece.count > Self.timeLength && piece[Self.timeLength] == Self.space {
            return Self.timeLength
        }
        return unsafe piece.prefix(40).firstIndex(of: Self.space)
    }

    /// Takes a time, in UTC.
    private mutating func read(_ bytes: Slice<UnsafeRawBufferPointer>) {
        time.removeAll(keepingCapacity: true)
        unsafe time.append(contentsOf: bytes)
        guard time.last != UInt8(ascii: "Z") || time.count != Self.timeLength else { return }
        let text = String(decoding: time, as: UTF8.self)
        if let normal = EngineTime.inUTC(text) { time = Array(normal.utf8) }
    }

    /// `2026-11-24_01:13:39.83193 `.
    private func stamp(_ output: inout [UInt8]) {
        guard time.count == Self.timeLength else { return }
        output += time[0..<10]
        output.append(UInt8(ascii: "_"))
        output += time[11..<25]
        output.append(Self.space)
    }

    /// Without the carriage return that a terminal puts before the end of a line.
    private func appendLine(_ text: UnsafeRawBufferPointer, _ output: inout [UInt8]) {
        let body = unsafe text.dropLast()
        let isTerminal = unsafe isRaw && body.last == Self.carriageReturn
        unsafe output.append(contentsOf: isTerminal ? body.dropLast() : body)
        output.append(Self.newline)
    }
}
