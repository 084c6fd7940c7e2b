// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc
import SystemPackage

/// Writes files so that a power cut leaves the old content or the new, never a part (Invariant 12).
public enum DurableFile {
    /// Replaces `path` with `bytes`: temporary file beside it → fsync → rename → fsync of the folder.
    ///
    /// Throws `disk-full` when there is no room, `unexpected` for any other system error. On an error `path` is
    /// as it was.
    public static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(Failure) {
        let target = FilePath(path)
        let temporary = FilePath(path + ".partial")
        do {
            let file = try FileDescriptor.open(
                temporary,
                .writeOnly,
                options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: FilePermissions(rawValue: mode),
            )
            try file.closeAfter {
                // The mode of `open` applies to new files only and passes through umask.
                guard fchmod(file.rawValue, mode) == 0 else { throw Errno(rawValue: errno) }
                try file.writeAll(bytes)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard unsafe rename(temporary.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            try syncFolder(target.removingLastComponent())
        } catch let error as Errno {
            _ = unsafe unlink(temporary.string)
            throw Failure(
                error == .noSpace || error == Errno(rawValue: EDQUOT) ? .diskFull : .unexpected,
                "could not write \(path)",
                cause: error.description,
            )
        } catch {
            throw Failure.wrapping(error, doing: "writing \(path)")
        }
    }

    /// Replaces `path` with a text in UTF-8, under the same promises.
    public static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(Failure) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    private static func syncFolder(_ folder: FilePath) throws {
        let descriptor = try FileDescriptor.open(
            folder.isEmpty ? "." : folder,
            .readOnly,
            options: [.directory, .closeOnExec],
        )
        try descriptor.closeAfter {
            guard fsync(descriptor.rawValue) == 0 else { throw Errno(rawValue: errno) }
        }
    }
}
