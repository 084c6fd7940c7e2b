// SPDX-License-Identifier: Apache-2.0
import CZstd
import Core

/// Takes a stream apart that ``ZstdCompressor`` made, in pieces of bounded size: a few bytes may stand for gigabytes.
@safe struct ZstdDecompressor: ~Copyable {
    private let context: OpaquePointer
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// Whether the stream has come to its end.
    private(set) var isComplete = false

    /// Begins a stream.
    init() throws(Failure) {
        guard let made = unsafe ZSTD_createDCtx() else {
            throw Failure(.unexpected, "there is no memory for Zstandard")
        }
        unsafe context = made
    }

    deinit { _ = unsafe ZSTD_freeDCtx(context) }

    /// What the bytes from `position` on stand for, at most 256 KiB of it; empty when it takes further bytes to say more.
    mutating func decompress(_ bytes: [UInt8], from position: inout Int) throws(Failure) -> [UInt8] {
        while true {
            let before = position
            var (produced, left) = (0, 0)
            unsafe bytes.withUnsafeBytes { source in
                unsafe buffer.withUnsafeMutableBytes { target in
                    var input = unsafe ZSTD_inBuffer(
                        src: source.baseAddress,
                        size: source.count,
                        pos: position,
                    )
                    var out = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
                    left = unsafe ZSTD_decompressStream(context, &out, &input)
                    (position, produced) = unsafe (input.pos, out.pos)
                }
            }
            guard ZSTD_isError(left) == 0 else { throw Zstd.failure("decompressing", left) }
            // A call that does nothing asks for the next stream, and says nothing of this one.
            if produced > 0 || position > before { isComplete = left == 0 }
            if produced > 0 { return Array(buffer[..<produced]) }
            if position == bytes.count { return [] }
        }
    }
}
