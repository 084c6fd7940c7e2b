// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import SystemPackage

/// What receivers have written, a folder for each stream; each belongs to the server's account, so nothing in it is believed.
struct ReceivedSegments {
    /// Where the streams are.
    let folder: String
    /// The one that is being received; nil for none.
    let present: String?

    /// Of an accessory.
    init(_ cluster: ClusterFolder) throws(Failure) {
        folder = LogReceiver.streams(cluster)
        present = try LogReceiver.stream(cluster)
    }

    /// Those that nothing will be added to, and the one that is being received.
    func all() throws -> (whole: [LogSegment], last: LogSegment?) {
        guard Folder.exists(folder) else { return ([], nil) }
        var (whole, last) = ([LogSegment](), LogSegment?.none)
        for stream in try Folder.names(in: folder) {
            let found = try segments(of: stream)
            whole += found.filter(\.isComplete).map(\.segment)
            // Nothing comes any more to one that has ended.
            let begun = found.first { !$0.isComplete }?.segment
            if stream == present { last = begun } else if let begun { whole.append(begun) }
        }
        return (whole.sorted(), last)
    }

    /// Hands one over; false when it is not there.
    func read(_ segment: LogSegment, into sink: DumpSink) async throws -> Bool {
        let path = "\(folder)/\(segment.stream)/\(segment.name)"
        for path in [path, path + Self.partial] {
            guard let file = try open(path) else { continue }
            defer {
                // It was only read.
                try? file.close()
            }
            var left = Int(LogSegment.size.bytes)
            var bytes = try Self.block(file, path)
            guard SegmentHeader(bytes)?.position == segment.start else {
                throw Failure(.damagedState, "\(path) is another segment than it is called")
            }
            while !bytes.isEmpty, left > 0 {
                try Task.checkCancellation()
                try await sink(Array(bytes.prefix(left)))
                left -= bytes.count
                bytes = try Self.block(file, path)
            }
            return true
        }
        return false
    }

    /// Removes those that no receiver goes on from, and streams that have ended and of which nothing is left.
    func release(_ segments: [LogSegment]) throws {
        let newest = try self.segments(of: present ?? "").map(\.segment).max()
        for segment in segments where segment != newest {
            let path = "\(folder)/\(segment.stream)/\(segment.name)"
            try Folder.removeFile(path)
            if segment.stream != present { try Folder.removeFile(path + Self.partial) }
        }
        for stream in Set(segments.map(\.stream)) where stream != present {
            guard try self.segments(of: stream).isEmpty else { continue }
            try Folder.remove("\(folder)/\(stream)")
        }
    }

    private static let partial = ".partial"

    private func segments(of stream: String) throws -> [(segment: LogSegment, isComplete: Bool)] {
        let path = "\(folder)/\(stream)"
        guard !stream.isEmpty, Folder.exists(path) else { return [] }
        return try Folder.names(in: path)
            .compactMap { name in
                let isPartial = name.hasSuffix(Self.partial)
                let complete = isPartial ? String(name.dropLast(Self.partial.count)) : name
                guard let segment = LogSegment(stream: stream, name: complete) else { return nil }
                // It may have become complete by the time that it is opened; and one that nothing was written to is none.
                if try header("\(path)/\(name)")?.position == segment.start { return (segment, !isPartial) }
                guard isPartial, try header("\(path)/\(complete)")?.position == segment.start else {
                    return nil
                }
                return (segment, true)
            }
    }

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
