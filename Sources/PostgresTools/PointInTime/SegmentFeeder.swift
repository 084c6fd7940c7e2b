// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Glibc
import HostSystem
import SystemPackage

/// Brings a server that replays a log the segments that it asks for, one by one: a whole archive may be larger than the disk.
///
/// The server asks by making a file `NAME.wanted` (``RecoveryNeeds``), and gets `NAME`, or `NAME.none`.
struct SegmentFeeder {
    /// Where.
    let folder: String
    /// Who the server runs as.
    let owner: SystemUser
    /// Hands a segment over.
    let log: LogReader

    /// Answers until it is cancelled.
    func run() async throws {
        while true {
            try Task.checkCancellation()
            do {
                for name in try Folder.names(in: folder) where name.hasSuffix(Self.wanted) {
                    try await answer(String(name.dropLast(Self.wanted.count)))
                }
            } catch  where !Folder.exists(folder) {
                // It is not there yet, or its server was just removed: nobody asks.
            }
            try await ContinuousClock().sleep(for: .milliseconds(20))
        }
    }

    private static let wanted = ".wanted"

    private func answer(_ name: String) async throws {
        let (path, isPlain) = ("\(folder)/\(name)", name.utf8.allSatisfy { Self.plain.contains($0) })
        // Whoever may write there could ask for anything.
        guard isPlain, !name.hasPrefix(".") else {
            throw Failure(.unexpected, "a server asks for a segment '\(name)'")
        }
        let unfinished = "\(path).partial"
        try Folder.removeFile(unfinished)
        let isThere = try await write(name, to: unfinished)
        try Folder.removeFile("\(path)\(Self.wanted)")
        if isThere {
            try Folder.rename(unfinished, to: path)
        } else {
            try Folder.rename(unfinished, to: "\(path).none")
        }
    }

    private func write(_ name: String, to path: String) async throws -> Bool {
        let file = try FileDescriptor.open(
            FilePath(path),
            .writeOnly,
            options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
            permissions: [.ownerReadWrite],
        )
        defer {
            // Its server reads it as a whole or not at all.
            try? file.close()
        }
        let isThere = try await log(name) { bytes in _ = try file.writeAll(bytes) }
        // Of this very file: what has its name by now may be another.
        guard !SystemUser.current.isRoot || fchown(file.rawValue, owner.userID, owner.groupID) == 0 else {
            throw Failure(.unexpected, "could not give \(path) to \(owner.name)")
        }
        return isThere
    }

    /// Of segments, and of histories of timelines (`00000002.history`).
    private static let plain = Set("0123456789ABCDEFhistory.".utf8)
}
