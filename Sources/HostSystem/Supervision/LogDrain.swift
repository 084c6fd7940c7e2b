// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
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
    private static let newline = UInt8(ascii: "\n")

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
        try Folder.make(folder, mode: 0o700)
        let signals = try TerminationGate()
        var (file, size) = try open()
        defer { closing(file) }
        var buffer = [UInt8](repeating: 0, count: Self.pipeSize)
        while true {
            try signals.waitUntilReadable(input)
            let count = try unsafe buffer.withUnsafeMutableBytes { try unsafe input.read(into: $0) }
            guard count > 0 else { return }
            var rest = buffer[..<count]
            if size + Int64(count) >= fileSize.bytes, let end = rest.lastIndex(of: Self.newline) {
                try write(rest[...end], to: file)
                closing(file)
                try putAside()
                (file, size) = try open()
                rest = rest[(end + 1)...]
            }
            try write(rest, to: file)
            size += Int64(rest.count)
            usleep(UInt32(Self.pause / .microseconds(1)))
        }
    }

    private var current: String { "\(folder)/current" }

    private func open() throws -> (FileDescriptor, Int64) {
        let file = try FileDescriptor.open(
            FilePath(current),
            .writeOnly,
            options: [.create, .append, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite, .groupRead, .otherRead],
        )
        return (file, try file.seek(offset: 0, from: .end))
    }

    private func write(_ bytes: ArraySlice<UInt8>, to file: FileDescriptor) throws {
        var rest = bytes
        while !rest.isEmpty {
            do {
                rest = rest.dropFirst(try unsafe rest.withUnsafeBytes { try unsafe file.write($0) })
            } catch Errno.noSpace {
                if try !removeOldest(keeping: 0) { sleep(1) }
            }
        }
    }

    /// Gives the file the name that svlogd would: the time in TAI64N, so that names sort by it.
    private func putAside() throws {
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        // The label of a second is 2^62 plus seconds since 1970 TAI, which begins 10 s before UTC's.
        let second = String((1 << 62) + 10 + now.tv_sec, radix: 16)
        let nanosecond = String(now.tv_nsec, radix: 16)
        let label = second + String(repeating: "0", count: 8 - nanosecond.count) + nanosecond
        try Folder.rename(current, to: "\(folder)/@\(label).s")
        while try removeOldest(keeping: keptFiles) {}
    }

    /// Whether there was one more than those to keep.
    private func removeOldest(keeping kept: Int) throws -> Bool {
        let aside = try Folder.names(in: folder).filter { $0.hasPrefix("@") }
        guard aside.count > kept, let oldest = aside.first else { return false }
        try Folder.remove("\(folder)/\(oldest)")
        return true
    }

    private func closing(_ file: FileDescriptor) {
        // Everything was written; there is nothing that a failed close could still lose.
        try? file.close()
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
