// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import Synchronization
import SystemPackage

/// A pipe that takes a mebibyte before its writer waits, so that both of its ends work at the same time; each is read or written
/// on a thread of its own.
final class WidePipe: Sendable {
    /// Nobody reads any more.
    struct Refusal: Error {}

    private static let capacity: Int32 = 1 << 20
    private static let readSize = 512 << 10
    /// Less than this is waited on for ``pause``, as long as more comes.
    private static let worthwhile = 128 << 10
    /// In microseconds: in that time nobody who writes has filled the pipe.
    private static let pause: UInt32 = 1000
    /// `F_SETPIPE_SZ` of `linux/fcntl.h`.
    private static let setSize: Int32 = 1031

    /// Where it is read.
    let output: FileDescriptor
    /// Where it is written.
    let input: FileDescriptor
    private let open: Mutex<(output: Bool, input: Bool)> = Mutex((true, true))
    private let thread: PipeThread

    /// Makes one that programs inherit only where they are told to.
    ///
    /// - Parameter isBackground: Whether its program's work keeps nobody waiting; see ``BackgroundPriority``.
    /// - Throws: `unexpected` when the system has none left.
    init(isBackground: Bool) throws(Failure) {
        thread = PipeThread(isBackground: isBackground)
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw Failure(
                .unexpected,
                "no pipe could be made",
                cause: String(describing: Errno(rawValue: errno)),
            )
        }
        (output, input) = (FileDescriptor(rawValue: ends[0]), FileDescriptor(rawValue: ends[1]))
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A narrower one works too, and more slowly.
        _ = fcntl(ends[1], Self.setSize, Self.capacity)
    }

    deinit {
        closeInput()
        closeOutput()
    }

    /// What has come, waiting for something; nil once nobody can write any more.
    ///
    /// Programs write a few kilobytes at a time, and what becomes of each piece costs more than the piece.
    func read() async throws -> [UInt8]? {
        try await thread.run { [output] in
            let bytes = try unsafe [UInt8](unsafeUninitializedCapacity: Self.readSize) { buffer, filled in
                let whole = UnsafeMutableRawBufferPointer(buffer)
                while filled < whole.count {
                    let count = try unsafe output.read(
                        into: UnsafeMutableRawBufferPointer(rebasing: whole[filled...])
                    )
                    filled += count
                    guard count > 0, filled < Self.worthwhile else { return }
                    usleep(Self.pause)
                    guard Self.hasMore(output) else { return }
                }
            }
            return bytes.isEmpty ? nil : bytes
        }
    }

    private static func hasMore(_ end: FileDescriptor) -> Bool {
        var question = pollfd(fd: end.rawValue, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&question, 1, 0) > 0
    }

    /// Returns once all of it was taken; throws ``Refusal`` when nobody reads any more.
    func write(_ bytes: [UInt8]) async throws {
        try await thread.run { [input] in
            do {
                _ = try input.writeAll(bytes)
            } catch Errno.brokenPipe {
                throw Refusal()
            }
        }
    }

    /// Says that nothing more comes from here.
    ///
    /// Idempotent.
    func closeInput() {
        guard
            open.withLock({ ends in
                defer { ends.input = false }
                return ends.input
            })
        else { return }
        // Nothing can be done about one that can't be closed.
        try? input.close()
    }

    /// Says that nothing more is read here.
    ///
    /// Idempotent.
    func closeOutput() {
        guard
            open.withLock({ ends in
                defer { ends.output = false }
                return ends.output
            })
        else { return }
        // Nothing can be done about one that can't be closed.
        try? output.close()
    }
}

/// Waits where it keeps nobody else waiting.
private actor PipeThread {
    private let executor: QueueExecutor

    init(isBackground: Bool) { executor = QueueExecutor("program.pipe", isBackground: isBackground) }

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    func run<Result: Sendable>(_ body: @Sendable () throws -> Result) throws -> Result { try body() }
}
