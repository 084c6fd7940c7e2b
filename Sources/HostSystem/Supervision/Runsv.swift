// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials
import Glibc
import SystemPackage

/// The supervisor process of one service folder, as its files show it (runsv(8), the source of sv(8)).
struct Runsv: Hashable {
    /// What `supervise/status` holds.
    struct Status: Hashable {
        /// What runsv does.
        enum Activity: UInt8 {
            /// Nothing runs.
            case down = 0
            /// `run` runs.
            case run = 1
            /// `finish` runs.
            case finish = 2
        }

        /// Since when.
        let since: Date
        /// The process that runs; 0 when none does.
        let process: Int32
        /// Whether the program is to be started again when it ends.
        let isWanted: Bool
        /// What runsv does.
        let activity: Activity
    }

    /// The service folder.
    let folder: String

    /// Whether the supervisor lives: whether somebody holds the reading end of `supervise/ok`, as sv(8) asks too.
    ///
    /// What an earlier boot left behind has no reader.
    func isAlive() throws(Failure) -> Bool {
        guard let door = try open("ok") else { return false }
        // Only the opening was of interest.
        try? door.close()
        return true
    }

    /// What the supervisor last wrote; meaningless when it does not live.
    func status() throws(Failure) -> Status? {
        guard let bytes = try FileContent.bytes(of: "\(folder)/supervise/status"), bytes.count >= 20,
            let activity = Status.Activity(rawValue: bytes[19])
        else { return nil }
        return Status(
            since: Self.date(of: bytes),
            process: Int32(bytes[15]) << 24 | Int32(bytes[14]) << 16 | Int32(bytes[13]) << 8
                | Int32(bytes[12]),
            isWanted: bytes[17] == UInt8(ascii: "u"),
            activity: activity,
        )
    }

    /// Gives the supervisor a command (runsv(8), CONTROL).
    ///
    /// False when it does not live.
    func send(_ command: Character) throws(Failure) -> Bool {
        guard let control = try open("control") else { return false }
        do {
            try control.closeAfter { _ = try control.writeAll("\(command)".utf8) }
            return true
        } catch {
            throw Failure(.unexpected, "could not command \(folder)", cause: String(describing: error))
        }
    }

    /// Ends the supervisor itself, which no longer answers; its process is the one that holds `supervise/lock`.
    func kill() throws(Failure) {
        var state = stat()
        guard unsafe stat("\(folder)/supervise/lock", &state) == 0 else { return }
        for lock in try FileContent.text(of: "/proc/locks")?.split(separator: "\n") ?? [] {
            // `1: FLOCK ADVISORY WRITE 32003 fe:00:16296348 0 EOF`
            let fields = lock.split(separator: " ")
            guard fields.count > 5, fields[1] == "FLOCK", let holder = Int32(fields[4]), holder > 1,
                fields[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(state.st_ino),
                ProcessTable.entry(holder)?.name == "runsv"
            else { continue }
            _ = Glibc.kill(holder, SIGKILL)
        }
    }

    /// A named pipe of the supervisor, opened for writing; nil when nobody reads it.
    private func open(_ pipe: String) throws(Failure) -> FileDescriptor? {
        do {
            return try unsafe "\(folder)/supervise/\(pipe)"
                .withCString {
                    try unsafe FileDescriptor.open($0, .writeOnly, options: [.nonBlocking, .closeOnExec])
                }
        } catch Errno.noSuchAddressOrDevice, Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw Failure(
                .unexpected,
                "could not ask the supervisor of \(folder)",
                cause: String(describing: error),
            )
        }
    }

    /// TAI64N without the nanoseconds' last digits: 2^62 + 10 is the beginning of Unix time.
    private static func date(of bytes: [UInt8]) -> Date {
        let seconds = bytes[..<8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let nanoseconds = bytes[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let unix = Double(Int64(bitPattern: seconds &- (1 << 62 + 10)))
        return Date(timeIntervalSince1970: unix + Double(nanoseconds) / 1e9)
    }
}
