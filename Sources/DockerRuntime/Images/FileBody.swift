// SPDX-License-Identifier: Apache-2.0
import AsyncHTTPClient
import Core
import HostSystem
import NIOCore
import SystemPackage

/// A file as the body of a request, read piece by piece.
enum FileBody {
    private static let piece = 1 << 18

    /// The file's bytes; throws when it can't be opened.
    static func of(_ path: String) throws -> HTTPClientRequest.Body {
        let file = try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        let size = try file.seek(offset: 0, from: .end)
        _ = try file.seek(offset: 0, from: .start)
        return .stream(Pieces(file: OpenFile(file)), length: .known(size))
    }

    /// Closes its file when nobody reads it any more.
    private final class OpenFile: Sendable {
        let descriptor: SystemPackage.FileDescriptor

        init(_ descriptor: SystemPackage.FileDescriptor) {
            self.descriptor = descriptor
        }

        deinit {
            // It was only read.
            try? descriptor.close()
        }
    }

    private struct Pieces: AsyncSequence, Sendable {
        typealias Element = ByteBuffer

        let file: OpenFile

        struct AsyncIterator: AsyncIteratorProtocol {
            let file: OpenFile

            func next() async throws -> ByteBuffer? {
                var bytes = [UInt8](repeating: 0, count: FileBody.piece)
                let count = try unsafe bytes.withUnsafeMutableBytes {
                    try unsafe file.descriptor.read(into: $0)
                }
                return count == 0 ? nil : ByteBuffer(bytes: bytes[..<count])
            }
        }

        func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file) }
    }
}
