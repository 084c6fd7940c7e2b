// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import InstanceFolders
import NIOCore

/// Writes one container's log down beside the instance, exactly once, however often it is begun anew.
struct ContainerLog {
    private static let fileSize = ByteCount.mebibytes(1)
    private static let keptFiles = 10
    /// So many bytes are written at a time at most.
    private static let portion = 1 << 18

    private let container: String
    private let markPath: String
    private var log: RotatedLog
    private var frames: LogFrames
    private var portion: [UInt8] = []
    private var time: String?

    /// Opens the log of a container, and takes back what was written behind its mark.
    init(of container: String, hasTerminal: Bool, in folder: InstanceFolder) throws {
        self.container = container
        markPath = "\(folder.path)/log/mark"
        try Folder.make("\(folder.path)/log", mode: 0o700)
        log = try RotatedLog(
            folder: folder.log,
            fileSize: Self.fileSize,
            keptFiles: Self.keptFiles,
            waitsForRoom: false,
        )
        frames = LogFrames(isRaw: hasTerminal)
        let mark = try LogMark.read(markPath)
        guard let mark, mark.container == container else { return }
        time = mark.time
        // A file that is not the marked one was begun after it.
        try log.cut(to: mark.inode == log.inode ? mark.size : 0)
    }

    /// The engine's `since`, for what was written after it is new; from the beginning when nil.
    var since: String? { time.flatMap { EngineTime.following($0) } }

    /// Takes what the engine sent.
    mutating func take(_ buffer: ByteBuffer) throws {
        unsafe buffer.withUnsafeReadableBytes { unsafe frames.take($0, into: &portion) }
        if portion.count >= Self.portion { try flush() }
    }

    /// Writes what is there, and marks it.
    mutating func flush() throws {
        guard !portion.isEmpty else { return }
        if !frames.last.isEmpty { time = String(decoding: frames.last, as: UTF8.self) }
        try log.append(portion[...])
        try LogMark(container: container, time: time, inode: log.inode, size: log.size).write(to: markPath)
        try log.putAsideWhenFull()
        portion.removeAll(keepingCapacity: true)
    }

    /// Ends the log for now; a line that has not ended is not lost, but comes again.
    func close() { log.close() }
}
