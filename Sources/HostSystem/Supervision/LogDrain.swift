// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc
public import SystemPackage

/// Takes a busy program's lines from a pipe in large pieces and writes them to a log folder, laid out as svlogd(8) does:
/// `current`, and files `@…` that were put aside.
///
/// svlogd wakes up for every line. Behind an edge that writes tens of thousands a second those wake-ups cost a fifth of
/// what the edge can answer; this one sleeps a hundredth of a second between two pieces and leaves the rest to the pipe,
/// which is made large enough for it.
public struct LogDrain: Sendable {
    /// As much as an unprivileged process may ask for (`/proc/sys/fs/pipe-max-size`).
    private static let pipeSize = 1 << 20
    /// F_SETPIPE_SZ of fcntl(2), which the C library's module hides.
    private static let setPipeSize: Int32 = 1031
    private static let pause: Duration = .milliseconds(10)

    /// The folder, absolute; made when missing.
    public var folder: String
    /// A file that reaches this size is put aside at the end of a line.
    public var fileSize: ByteCount
    /// How many of those put aside are kept.
    public var keptFiles: Int

    /// Describes a drain.
    public init(folder: String, fileSize: ByteCount, keptFiles: Int) {
        self.folder = folder
        self.fileSize = fileSize
        self.keptFiles = keptFiles
    }

    /// Writes what comes until the end of the input, or until SIGTERM while there is nothing to write.
    ///
    /// A full disk takes the oldest files that were put aside; when there are none, it waits, and the writer of the pipe
    /// loses what does not fit there.
    ///
    /// Throws `unexpected` when the input can't be read or the folder not be written.
    public func run(input: FileDescriptor) throws {
        // Refused for anything that is no pipe, and needless there.
        _ = fcntl(input.rawValue, Self.setPipeSize, Int32(Self.pipeSize))
        let signals = try TerminationGate()
        var log = try RotatedLog(folder: folder, fileSize: fileSize, keptFiles: keptFiles)
        defer { log.close() }
        var buffer = [UInt8](repeating: 0, count: Self.pipeSize)
        while true {
            try signals.waitUntilReadable(input)
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe input.read(into: $0) }
            guard count > 0 else { return }
            try log.write(buffer[..<count])
            usleep(UInt32(Self.pause / .microseconds(1)))
        }
    }
}

/// Lets SIGTERM end the process only while it waits for input, and not between a read and the write of what was read.
private struct TerminationGate {
    private var terminate = sigset_t()

    init() throws {
        unsafe sigemptyset(&terminate)
        unsafe sigaddset(&terminate, SIGTERM)
        try set(SIG_BLOCK)
    }

    func waitUntilReadable(_ input: FileDescriptor) throws {
        var entry = pollfd(fd: input.rawValue, events: Int16(POLLIN), revents: 0)
        try set(SIG_UNBLOCK)
        while unsafe poll(&entry, 1, -1) < 0 {
            guard errno == EINTR else { throw Errno(rawValue: errno) }
        }
        try set(SIG_BLOCK)
    }

    private func set(_ how: Int32) throws {
        var signals = terminate
        let problem = unsafe pthread_sigmask(how, &signals, nil)
        guard problem == 0 else { throw Errno(rawValue: problem) }
    }
}
