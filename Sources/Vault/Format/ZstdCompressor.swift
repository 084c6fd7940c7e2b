// SPDX-License-Identifier: Apache-2.0
import CZstd
import Core
import HostSystem

/// Compresses a stream with Zstandard (RFC 8878) in frames, each with its checksum at the end.
///
/// On threads of the library, so that whoever makes the stream works meanwhile; and a stream that it has in large pieces it compresses
/// a third faster than one that it must keep in a ring, on one thread too.
@safe struct ZstdCompressor: ~Copyable {
    /// More would take memory, and processors from whoever makes the stream.
    private static let threads: Int32 = 2
    /// So much of the stream is compressed by one of them; there is room for five.
    private static let piece: Int32 = 4 << 20
    /// So much of what is before a piece is looked at for repetitions: half of the 2 MiB that this level looks back, on a scale where 9 is all of it.
    private static let overlap: Int32 = 8

    private let context: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private var hasBegun = false

    /// Begins a stream; levels go from 1 (fast) to 19 (small), 3 is Zstandard's own default.
    init(level: Int32) throws(Failure) {
        guard let made = unsafe ZSTD_createCCtx() else {
            throw Failure(.unexpected, "there is no memory for Zstandard")
        }
        unsafe context = made
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_compressionLevel, level)
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_checksumFlag, 1)
        // A library that was built without threads refuses these, and compresses the same on the thread that calls.
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_nbWorkers, Self.threads)
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_jobSize, Self.piece)
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_overlapLog, Self.overlap)
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    /// Takes the next bytes, and appends to `output` what they have become so far; the rest with the last call of a frame.
    mutating func compress(_ bytes: [UInt8], isLast: Bool, into output: inout [UInt8]) throws(Failure) {
        guard hasBegun else {
            hasBegun = true
            // The library starts its threads with the first call.
            return try BackgroundPriority.keepingThreads(of: "zstd") { () throws(Failure) in
                try feed(bytes, isLast: isLast, into: &output)
            }
        }
        try feed(bytes, isLast: isLast, into: &output)
    }

    private mutating func feed(_ bytes: [UInt8], isLast: Bool, into output: inout [UInt8]) throws(Failure) {
        var consumed = 0
        while true {
            var (produced, left) = (0, 0)
            unsafe bytes.withUnsafeBytes { source in
                unsafe buffer.withUnsafeMutableBytes { target in
                    var input = unsafe ZSTD_inBuffer(
                        src: source.baseAddress,
                        size: source.count,
                        pos: consumed,
                    )
                    var out = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    left = unsafe ZSTD_compressStream2(
                        context,
                        &out,
                        &input,
                        isLast ? ZSTD_e_end : ZSTD_e_continue,
                    )
                    (consumed, produced) = unsafe (input.pos, out.pos)
                }
            }
            guard ZSTD_isError(left) == 0 else { throw Zstd.failure("compressing", left) }
            output += buffer[..<produced]
            if isLast ? left == 0 : consumed == bytes.count { return }
        }
    }
}

/// What both say when something is wrong.
enum Zstd {
    /// A failure of `doing`.
    static func failure(_ doing: String, _ code: Int) -> Failure {
        let words = unsafe ZSTD_getErrorName(code).map { unsafe String(cString: $0) } ?? "error \(code)"
        return Failure(.backupFailed, "\(doing) failed: \(words)")
    }
}
