// SPDX-License-Identifier: Apache-2.0
public import Core
import SystemPackage
import Glibc

/// Makes what happened in a folder survive a power cut: files that were made, renamed or removed in it.
public enum DurableFolder {
    /// Returns once the folder's own entries are on disk.
    public static func sync(_ path: String) throws(Failure) {
        do {
            let descriptor = try FileDescriptor.open(
                FilePath(path),
                .readOnly,
                options: [.directory, .closeOnExec],
            )
            try descriptor.closeAfter {
                guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw Failure(.unexpected, "could not sync \(path)", cause: String(describing: error))
        }
    }
}
