// SPDX-License-Identifier: Apache-2.0
public import Core

/// Hands a dump's bytes over, all of them or a part, as often as it is asked and to several at a time.
public struct DumpFeed: Sendable {
    private let whole: @Sendable (@escaping DumpSink) async throws -> Void
    private let part: @Sendable (Range<Int64>, @escaping DumpSink) async throws -> Void

    /// A feed that can read a part by itself.
    public init(
        whole: @escaping @Sendable (@escaping DumpSink) async throws -> Void,
        part: @escaping @Sendable (Range<Int64>, @escaping DumpSink) async throws -> Void,
    ) {
        (self.whole, self.part) = (whole, part)
    }

    /// Hands over everything.
    public func callAsFunction(_ sink: @escaping DumpSink) async throws { try await whole(sink) }

    /// Hands over a part; throws `backup-failed` when the dump ends before it does.
    public func callAsFunction(_ range: Range<Int64>, _ sink: @escaping DumpSink) async throws {
        try await part(range, sink)
    }
}

extension DumpFeed {
    /// A feed that reads from the beginning whatever it is asked for.
    public init(_ whole: @escaping @Sendable (@escaping DumpSink) async throws -> Void) {
        self.init(whole: whole) { range, sink in
            let window = PassingWindow(range)
            do {
                try await whole { bytes in
                    let (wanted, isComplete) = await window.take(bytes)
                    if !wanted.isEmpty { try await sink(wanted) }
                    if isComplete { throw PassingWindow.Complete() }
                }
            } catch is PassingWindow.Complete {
                return
            }
            try await window.requireAll()
        }
    }
}

/// Hands a dump's bytes over, and says which they were when it has read all of them.
public struct DumpSource: Sendable {
    private let whole: @Sendable (@escaping DumpSink) async throws -> StoredDump
    private let part: @Sendable (Range<Int64>, @escaping DumpSink) async throws -> Void

    /// A source.
    public init(
        whole: @escaping @Sendable (@escaping DumpSink) async throws -> StoredDump,
        part: @escaping @Sendable (Range<Int64>, @escaping DumpSink) async throws -> Void,
    ) {
        (self.whole, self.part) = (whole, part)
    }

    /// Hands over everything, and says what it was.
    public func callAsFunction(_ sink: @escaping DumpSink) async throws -> StoredDump {
        try await whole(sink)
    }

    /// Hands over a part.
    public func callAsFunction(_ range: Range<Int64>, _ sink: @escaping DumpSink) async throws {
        try await part(range, sink)
    }
}

/// A part of a dump that goes by.
public struct DumpWindow: Sendable {
    private let range: Range<Int64>
    private var position: Int64

    /// Of a dump whose next byte is at `position`.
    public init(_ range: Range<Int64>, from position: Int64 = 0) {
        (self.range, self.position) = (range, position)
    }

    /// Whether the rest need not be read.
    public var isComplete: Bool { position >= range.upperBound }

    /// What of the next bytes belongs to it.
    public mutating func take(_ bytes: [UInt8]) -> [UInt8] {
        let next = position..<position + Int64(bytes.count)
        defer { position = next.upperBound }
        let wanted = range.clamped(to: next)
        guard wanted != next else { return bytes }
        return Array(
            bytes[Int(wanted.lowerBound - next.lowerBound)..<Int(wanted.upperBound - next.lowerBound)]
        )
    }

    /// Throws `backup-failed` when the dump has ended before it.
    public func requireAll() throws(Failure) {
        guard !isComplete else { return }
        throw Failure(
            .backupFailed,
            "the dump ends after \(position) bytes, and a table ought to lie up to \(range.upperBound)",
        )
    }
}

/// The same for one that goes by piece by piece.
private actor PassingWindow {
    /// The rest need not be read.
    struct Complete: Error {}

    private var window: DumpWindow

    init(_ range: Range<Int64>) { window = DumpWindow(range) }

    func take(_ bytes: [UInt8]) -> (wanted: [UInt8], isComplete: Bool) {
        let wanted = window.take(bytes)
        return (wanted, window.isComplete)
    }

    func requireAll() throws { try window.requireAll() }
}
