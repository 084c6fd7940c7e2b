// SPDX-License-Identifier: Apache-2.0
import Core
import NIOCore

/// Takes the header block off a CGI program's answer (RFC 3875, section 6).
struct CGIHead {
    private static let limit = 16 << 10
    private var collected: ByteBuffer? = ByteBuffer()

    /// The bytes of the body in a chunk; nil while the head is not complete.
    ///
    /// - Throws: When the program answers with a status that is not success: what it was asked was checked before, so
    ///   nothing but a fault of the repository makes it.
    mutating func take(_ chunk: ByteBuffer) throws(Failure) -> ByteBuffer? {
        guard var head = collected else { return chunk }
        head.writeImmutableBuffer(chunk)
        guard let end = Self.end(of: head) else {
            guard head.readableBytes < Self.limit else {
                throw Failure(.programFailed, "git http-backend wrote no header block")
            }
            collected = head
            return nil
        }
        let text = head.readString(length: end) ?? ""
        collected = nil
        for line in text.split(whereSeparator: \.isNewline) where line.lowercased().hasPrefix("status:") {
            let status = line.dropFirst(7).drop { $0 == " " }
            guard status.hasPrefix("2") else {
                throw Failure(.programFailed, "git http-backend answered \(status)")
            }
        }
        return head
    }

    /// Where the empty line ends.
    private static func end(of buffer: ByteBuffer) -> Int? {
        let bytes = Array(buffer.readableBytesView)
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
            let next = index + 1
            if next < bytes.count, bytes[next] == UInt8(ascii: "\n") { return next + 1 }
            if next + 1 < bytes.count, bytes[next] == UInt8(ascii: "\r"),
                bytes[next + 1] == UInt8(ascii: "\n")
            {
                return next + 2
            }
        }
        return nil
    }
}
