// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc
import SystemPackage

/// Reads whole files, and writes those that can be made again.
public enum FileContent {
    /// The bytes of a file; nil when there is none.
    ///
    /// Also for files of `/proc`, whose size is said to be 0, and whose process may end while they are read: then there is none.
    ///
    /// Throws `unexpected` when it exists and can't be read.
    public static func bytes(of path: String) throws(Failure) -> [UInt8]? {
        do {
            return try read(path)
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory, Errno.noSuchProcess {
            return nil
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    /// The text of a file, with what is not UTF-8 replaced; nil when there is none.
    ///
    /// Throws `unexpected` when it exists and can't be read.
    public static func text(of path: String) throws(Failure) -> String? {
        try bytes(of: path).map { String(decoding: $0, as: UTF8.self) }
    }

    /// Replaces what a file holds, without promising that it survives a power cut; see ``DurableFile`` for that.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(Failure) {
        do {
            let file = try FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: FilePermissions(rawValue: mode & 0o700),
            )
            try file.closeAfter {
                try file.writeAll(bytes)
                guard fchmod(file.rawValue, mode) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw Failure(
                error as? Errno == .noSpace ? .diskFull : .unexpected,
                "could not write \(path)",
                cause: String(describing: error),
            )
        }
    }

    private static func read(_ path: String) throws -> [UInt8] {
        // The text as it is: taking a path apart costs more than reading most files of /proc.
        let file = try unsafe path.withCString {
            try unsafe FileDescriptor.open($0, .readOnly, options: [.closeOnExec])
        }
        return try file.closeAfter {
            var content: [UInt8] = []
            while true {
                // Small at first, for the many small files of /proc.
                let room = min(max(4096, content.count), 1 << 20)
                let chunk = try unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                guard !chunk.isEmpty else { return content }
                content += chunk
            }
        }
    }
}
