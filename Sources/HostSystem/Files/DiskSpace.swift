// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc

/// How much room there is on a disk.
public enum DiskSpace {
    /// What an ordinary account can still write where `path` is; the nearest folder above it counts when `path` does
    /// not exist yet.
    public static func available(at path: String) throws(Failure) -> ByteCount {
        var state = statvfs()
        var folder = path
        while unsafe statvfs(folder, &state) != 0 {
            let refused = errno
            guard refused == ENOENT, folder.contains("/"), folder != "/" else {
                throw Failure(
                    .unexpected,
                    "could not ask for the free space at \(path)",
                    cause: SystemError(refused).description,
                )
            }
            let above = folder.split(separator: "/").dropLast().joined(separator: "/")
            folder = (folder.hasPrefix("/") ? "/" : "") + above
        }
        return ByteCount(Int64(state.f_bavail) * Int64(state.f_frsize))
    }
}
