// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import Hummingbird
import NIOCore
import SystemPackage

/// A request body in a file without a name: its length is known, memory stays flat, and it goes with its descriptor.
struct Spool: Sendable {
    /// Open for reading, at its beginning.
    ///
    /// Whoever takes it closes it.
    let file: SystemPackage.FileDescriptor
    /// In bytes.
    let length: Int

    /// Writes a whole body down.
    static func write(_ body: RequestBody, limit: Int, in folder: String) async throws -> Spool {
        let path = SystemPackage.FilePath("\(folder)/.push-\(UInt64.random(in: .min ... .max))")
        let file = try SystemPackage.FileDescriptor.open(
            path,
            .readWrite,
            options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite],
        )
        unsafe unlink(path.string)
        do {
            var length = 0
            for try await chunk in body {
                length += chunk.readableBytes
                guard length <= limit else {
                    throw Failure(.invalid, "the push is larger than \(ByteCount(Int64(limit)))")
                }
                try file.writeAll(chunk.readableBytesView)
            }
            try file.seek(offset: 0, from: .start)
            return Spool(file: file, length: length)
        } catch {
            try? file.close()  // The error that matters is on its way.
            throw error
        }
    }
}
