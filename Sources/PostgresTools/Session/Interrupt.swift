// SPDX-License-Identifier: Apache-2.0
import Glibc

/// A pipe that wakes a thread which waits for a socket.
final class Interrupt: Sendable {
    /// Becomes readable when somebody calls ``raise()``.
    let descriptor: Int32
    private let writing: Int32

    /// Makes the pipe; throws when the process has no descriptors left.
    init() throws(PostgresError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw PostgresError(message: "no file descriptors left")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (descriptor, writing) = (ends[0], ends[1])
    }

    deinit {
        close(descriptor)
        close(writing)
    }

    /// Wakes the thread, now or when it waits next.
    func raise() {
        var byte: UInt8 = 1
        // A full pipe is as readable as it gets.
        _ = unsafe write(writing, &byte, 1)
    }

    /// Forgets what was raised.
    func clear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while unsafe read(descriptor, &bytes, bytes.count) > 0 {}
    }
}
