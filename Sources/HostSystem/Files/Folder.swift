// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import Glibc

/// Makes, lists and removes folders.
public enum Folder {
    /// Makes a folder and those above it that are missing; gives this mode to each one that it makes,
    /// whatever the umask.
    ///
    /// What exists stays as it is.
    public static func make(_ path: String, mode: UInt32 = 0o755) throws(Failure) {
        guard unsafe mkdir(path, mode) != 0 else { return try setMode(mode, of: path) }
        let problem = errno
        switch problem {
        case EEXIST where exists(path): return
        case ENOENT where path.contains("/"):
            try make(parent(of: path), mode: mode)
            try make(path, mode: mode)
        default: throw failure("make the folder", path, problem)
        }
    }

    /// Whether `path` is a folder, or a link to one.
    public static func exists(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }

    /// Whether `path` is a link, to whatever.
    public static func isLink(_ path: String) -> Bool {
        var state = stat()
        return unsafe lstat(path, &state) == 0 && state.st_mode & S_IFMT == S_IFLNK
    }

    /// Whether `path` is in this folder or is it, after every link on the way was followed; false when either is not there.
    public static func contains(_ folder: String, _ path: String) -> Bool {
        guard let outer = resolved(folder), let inner = resolved(path) else { return false }
        return inner == outer || inner.hasPrefix(outer == "/" ? "/" : outer + "/")
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// The names in a folder, in order; empty when there is no such folder.
    public static func names(in path: String) throws(Failure) -> [String] {
        guard exists(path) else { return [] }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw Failure(.unexpected, "could not list \(path)", cause: String(describing: error))
        }
    }

    /// Removes a file, or a folder with everything in it, without following links.
    ///
    /// Nothing to remove is no error.
    public static func remove(_ path: String) throws(Failure) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            var state = stat()
            guard unsafe lstat(path, &state) == 0 else { return }
            throw Failure(.unexpected, "could not remove \(path)", cause: String(describing: error))
        }
    }

    /// Removes a file, and nothing but a file (unlink(2)).
    ///
    /// Nothing to remove is no error.
    public static func removeFile(_ path: String) throws(Failure) {
        guard unsafe unlink(path) != 0, errno != ENOENT else { return }
        throw failure("remove the file", path, errno)
    }

    /// Removes a folder in which nothing is; throws when something is.
    public static func removeEmpty(_ path: String) throws(Failure) {
        guard unsafe rmdir(path) == 0 else { throw failure("remove", path, errno) }
    }

    /// Sets the permission bits of a file or folder.
    public static func setMode(_ mode: UInt32, of path: String) throws(Failure) {
        guard unsafe chmod(path, mode) == 0 else { throw failure("set the mode of", path, errno) }
    }

    /// Sets who owns a file or folder itself; a link is not followed.
    public static func setOwner(userID: UInt32, groupID: UInt32, of path: String) throws(Failure) {
        guard unsafe lchown(path, userID, groupID) == 0 else {
            throw failure("set the owner of", path, errno)
        }
    }

    /// Puts `path` in the place of `target` in one step.
    public static func rename(_ path: String, to target: String) throws(Failure) {
        guard unsafe Glibc.rename(path, target) == 0 else {
            throw failure("rename to \(target)", path, errno)
        }
    }

    private static func parent(of path: String) -> String {
        let above = path.split(separator: "/").dropLast().joined(separator: "/")
        return (path.hasPrefix("/") ? "/" : "") + (above.isEmpty && !path.hasPrefix("/") ? "." : above)
    }

    private static func failure(_ doing: String, _ path: String, _ number: Int32) -> Failure {
        Failure(
            number == ENOSPC || number == EDQUOT ? .diskFull : .unexpected,
            "could not \(doing) \(path)",
            cause: SystemError(number).description,
        )
    }
}
