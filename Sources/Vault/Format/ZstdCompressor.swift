// SPDX-License-Identifier: Apache-2.0
import CZstd
import Core

/// Compresses a stream with Zstandard (RFC 8878) in frames, each with its checksum at the end.
@safe struct ZstdCompressor: ~Copyable {
    private let context: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// Begins a stream; levels go from 1 (fast) to 19 (small), 3 is Zstandard's own default.
    init(level: Int32) throws(Failure) {
        guard let made = unsafe ZSTD_createCCtx() else {
            throw Failure(.unexpected, "there is no memory for Zstandard")
        }
        unsafe context = made
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_compressionLevel, level)
        _ = unsafe ZSTD_CCtx_setParameter(made, ZSTD_c_checksumFlag, 1)
    }

    deinit { _ = unsafe ZSTD_freeCCtx(context) }

    /// Takes the next bytes, and appends to `output` what they have become so far; the rest with the last call of a frame.
    mutating func compress(_ bytes: [UInt8], isLast: Bool, into output: inout [UInt8]) throws(Failure) {
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
