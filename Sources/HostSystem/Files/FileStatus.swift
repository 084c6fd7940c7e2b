// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc

/// What the file system says of a file without opening it (lstat(2)); a link is itself and not what it points at.
public struct FileStatus: Hashable, Sendable {
    /// Its length.
    public let size: ByteCount
    /// When its content last changed, in nanoseconds since 1970.
    public let modified: Int64
    /// Type and permissions (inode(7), st_mode).
    public let mode: UInt32

    /// A file's status; nil when there is none.
    ///
    /// Throws `unexpected` when it can't be asked.
    public static func of(_ path: String) throws(Failure) -> FileStatus? {
        var found = stat()
        guard unsafe lstat(path, &found) != 0 else { return FileStatus(found) }
        let refused = errno
        guard refused == ENOENT || refused == ENOTDIR else {
            throw Failure(
                .unexpected,
                "could not look at \(path)",
                cause: SystemError(refused).description,
            )
        }
        return nil
    }

    init(size: ByteCount, modified: Int64, mode: UInt32) {
        (self.size, self.modified, self.mode) = (size, modified, mode)
    }

    init(_ found: stat) {
        size = ByteCount(Int64(found.st_size))
        modified = Int64(found.st_mtim.tv_sec) * 1_000_000_000 + Int64(found.st_mtim.tv_nsec)
        mode = found.st_mode
    }

    /// Whether it is an ordinary file.
    public var isFile: Bool { mode & S_IFMT == S_IFREG }
    /// Whether it is a folder.
    public var isFolder: Bool { mode & S_IFMT == S_IFDIR }
}
