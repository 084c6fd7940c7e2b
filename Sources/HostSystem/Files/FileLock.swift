// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc
import SystemPackage

/// A file that one process at a time holds, for as long as it lives.
///
/// The kernel lets go of it when the process ends, however it ends; programs that the process starts don't inherit it.
public final class FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// Takes the lock, making the file when it is missing, and writes the process id into it.
    ///
    /// Throws `state-locked`, naming the process that holds it.
    public init(_ path: String) throws(Failure) {
        do {
            descriptor = try FileDescriptor.open(
                FilePath(path),
                .readWrite,
                options: [.create, .noFollow, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead],
            )
        } catch {
            throw Failure(.unexpected, "could not open \(path)", cause: String(describing: error))
        }
        guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
            // From here on `deinit` closes the file, also when this throws.
            let refused = errno
            throw refused == EWOULDBLOCK
                ? Self.held(path)
                : Failure(.unexpected, "could not lock \(path)", cause: "\(SystemError(refused))")
        }
        do {
            try descriptor.resize(to: 0)
            try descriptor.writeAll(toAbsoluteOffset: 0, "\(getpid())\n".utf8)
        } catch {
            // The id in the file only serves the message of the next one who is refused.
            return
        }
    }

    /// The process that wrote itself into a lock file; says nothing of whether it still runs.
    public static func holder(of path: String) -> Int32? {
        // A lock file that can't be read names nobody.
        guard let text = try? FileContent.text(of: path) else { return nil }
        return Int32(text.prefix { $0.isNumber })
    }

    deinit {
        // Closing lets go of the lock; a descriptor that can't be closed has been let go of already.
        try? descriptor.close()
    }

    private static func held(_ path: String) -> Failure {
        let who = holder(of: path)
            .map { id in
                "process \(id)" + (ProcessTable.entry(id).map { " (\($0.name))" } ?? "")
            }
        return Failure(
            .stateLocked,
            "\(path) is held by \(who ?? "another process")",
            hint: "stop that process first, or use another folder",
        )
    }
}
