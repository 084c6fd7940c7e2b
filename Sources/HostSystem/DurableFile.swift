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
        try replace(path, mode) { try $0.writeAll(bytes) }
    }

    /// Replaces `path` with a text in UTF-8, under the same promises.
    public static func write(_ text: String, to path: String, mode: UInt32 = 0o644) throws(Failure) {
        try write(Array(text.utf8), to: path, mode: mode)
    }

    /// Makes `path` a copy of another file, under the same promises; touches nothing when it is one already.
    public static func copy(_ source: String, to path: String, mode: UInt32 = 0o644) throws(Failure) {
        do {
            let original = try FileDescriptor.open(FilePath(source), .readOnly, options: [.closeOnExec])
            try original.closeAfter {
                guard try !isCopy(path, of: original) else { return }
                _ = try original.seek(offset: 0, from: .start)
                try replace(path, mode) { file in
                    while let piece = try piece(of: original) { try file.writeAll(piece) }
                }
            }
        } catch {
            throw Failure.wrapping(error, doing: "copying \(source) to \(path)")
        }
    }

    private static func isCopy(_ path: String, of original: FileDescriptor) throws -> Bool {
        let file: FileDescriptor
        do {
            file = try FileDescriptor.open(FilePath(path), .readOnly, options: [.closeOnExec])
        } catch Errno.noSuchFileOrDirectory {
            return false
        }
        return try file.closeAfter {
            while true {
                let (here, there) = (try piece(of: file), try piece(of: original))
                guard let here, let there else { return here == nil && there == nil }
                guard haveSameBytes(here, there) else { return false }
            }
        }
    }

    /// By `memcmp`: `==` of arrays takes a second for a program of 200 MB that was built without optimization.
    private static func haveSameBytes(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        let count = one.count
        guard count == other.count else { return false }
        return unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBytes { other in
                guard let one = one.baseAddress, let other = other.baseAddress else { return true }
                return unsafe memcmp(one, other, count) == 0
            }
        }
    }

    /// The next piece, full unless it is the last; nil at the end.
    private static func piece(of file: FileDescriptor) throws -> [UInt8]? {
        var piece: [UInt8] = []
        while piece.count < pieceSize {
            let more = try unsafe [UInt8](unsafeUninitializedCapacity: pieceSize - piece.count) {
                buffer,
                count in
                count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            guard !more.isEmpty else { break }
            piece += more
        }
        return piece.isEmpty ? nil : piece
    }

    private static let pieceSize = 1 << 20

    private static func replace(
        _ path: String,
        _ mode: UInt32,
        _ write: (FileDescriptor) throws -> Void,
    ) throws(Failure) {
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
                try write(file)
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
            guard unsafe rename(temporary.string, target.string) == 0 else { throw Errno(rawValue: errno) }
            try syncFolder(target.removingLastComponent())
        } catch let error as Errno {
            _ = unsafe unlink(temporary.string)
            throw Failure(
                error == .noSpace || error == Errno(rawValue: EDQUOT) ? .diskFull : .unexpected,
                "could not write \(path)",
                hint: error == .noSpace ? "free some space on its disk, then try again" : nil,
                cause: error.description,
            )
        } catch {
            throw Failure.wrapping(error, doing: "writing \(path)")
        }
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
