// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import SystemPackage

/// The folder that a receiver writes into, which belongs to the server's account: nothing in it is believed.
struct ReceivedSegments {
    /// Where.
    let folder: String

    /// Complete ones, and the one that is being received.
    func all() throws -> (whole: [LogSegment], last: LogSegment?) {
        guard Folder.exists(folder) else { return ([], nil) }
        var (whole, last) = ([LogSegment](), LogSegment?.none)
        for name in try Folder.names(in: folder) {
            let isPartial = name.hasSuffix(Self.partial)
            let complete = isPartial ? name.dropLast(Self.partial.count) : name[...]
            // Its cluster is known once it is opened; by then it may be complete.
            guard let bare = LogSegment(system: "", name: complete) else { continue }
            var isWhole = !isPartial
            var header = try header("\(folder)/\(name)")
            if header == nil, isPartial {
                header = try self.header("\(folder)/\(complete)")
                isWhole = header != nil
            }
            guard let header, header.position == bare.start else { continue }
            let segment = LogSegment(system: header.system, timeline: bare.timeline, number: bare.number)
            if isWhole { whole.append(segment) } else { last = segment }
        }
        return (whole.sorted(), last)
    }

    /// Hands one over; false when it is not there.
    func read(_ segment: LogSegment, into sink: DumpSink) async throws -> Bool {
        for path in ["\(folder)/\(segment.name)", "\(folder)/\(segment.name)\(Self.partial)"] {
            guard let file = try open(path) else { continue }
            defer {
                // It was only read.
                try? file.close()
            }
            var first = true
            while true {
                try Task.checkCancellation()
                let bytes = try Self.block(file, path)
                guard !bytes.isEmpty else { return true }
                if first {
                    let header = SegmentHeader(bytes)
                    guard header?.position == segment.start, header?.system == segment.system else {
                        throw Failure(.damagedState, "\(path) is another segment than it is called")
                    }
                    first = false
                }
                try await sink(bytes)
            }
        }
        return false
    }

    /// Removes a complete one that the receiver does not go on from.
    func release(_ segment: LogSegment) throws {
        let (whole, last) = try all()
        let isFollowed = whole.contains { $0 > segment } || last.map { $0 > segment } == true
        guard isFollowed, whole.contains(segment) else { return }
        try Folder.removeFile("\(folder)/\(segment.name)")
    }

    private static let partial = ".partial"

    private func header(_ path: String) throws -> SegmentHeader? {
        guard let file = try open(path) else { return nil }
        defer {
            // It was only read.
            try? file.close()
        }
        return SegmentHeader(try Self.block(file, path, SegmentHeader.size))
    }

    private func open(_ path: String) throws -> FileDescriptor? {
        do {
            return try FileDescriptor.open(
                FilePath(path),
                .readOnly,
                options: [.noFollow, .closeOnExec, .nonBlocking],
            )
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }

    /// As many bytes as there are, at most `size`.
    private static func block(
        _ file: FileDescriptor,
        _ path: String,
        _ size: Int = 1 << 20,
    ) throws -> [UInt8] {
        do {
            return try unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                count = try unsafe file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
        } catch {
            throw Failure(.unexpected, "could not read \(path)", cause: String(describing: error))
        }
    }
}
