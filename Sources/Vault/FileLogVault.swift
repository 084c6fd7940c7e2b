// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import FoundationEssentials
import HostSystem

/// Write-ahead logs as files `<accessory>/<stream>/<segment>` beside the environment's backups, each compressed and encrypted as dumps are.
///
/// A segment is written under another name, synced, and renamed; so what has a segment's name is whole.
public struct FileLogVault: LogVault {
    private let layout: HomeLayout
    private let key: RecoveryKey
    private let reserve: ByteCount

    /// A vault in a home.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - key: Encrypts every segment.
    ///   - reserve: How much of the disk is always left free.
    public init(layout: HomeLayout, key: RecoveryKey, reserve: ByteCount = .mebibytes(256)) {
        (self.layout, self.key, self.reserve) = (layout, key, reserve)
    }

    /// Lists them; see ``DataSafety/LogVault``.
    public func segments(of cluster: DatabaseTarget) async throws -> [LogSegment] {
        let folder = folder(of: cluster)
        guard Folder.exists(folder) else { return [] }
        var found: [LogSegment] = []
        for stream in try Folder.names(in: folder) where Folder.exists("\(folder)/\(stream)") {
            found += try Folder.names(in: "\(folder)/\(stream)")
                .compactMap { LogSegment(stream: stream, name: $0) }
        }
        return found.sorted()
    }

    /// Writes one; see ``DataSafety/LogVault``.
    public func receive(
        _ segment: LogSegment,
        of cluster: DatabaseTarget,
        from body: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        let folder = "\(folder(of: cluster))/\(segment.stream)"
        if !Folder.exists(folder) {
            try Folder.make(folder, mode: 0o700)
            try DurableFolder.sync(self.folder(of: cluster))
        }
        let unfinished = "\(folder)/\(segment.name).partial"
        do {
            let writer = try DumpWriter(
                unfinished,
                of: subject(segment, cluster),
                key: key,
                reserve: reserve,
            )
            try await body { try await writer.write($0) }
            try Task.checkCancellation()
            guard try await writer.finish().encoding?.plain.size == LogSegment.size else {
                throw Failure(.backupFailed, "segment \(segment.name) of \(cluster) is not whole")
            }
            try Folder.rename(unfinished, to: "\(folder)/\(segment.name)")
            try DurableFolder.sync(folder)
        } catch {
            // What made it fail matters more than a leftover, which the next attempt replaces.
            try? Folder.removeFile(unfinished)
            throw error
        }
    }

    /// Reads one; see ``DataSafety/LogVault``.
    public func read(
        _ segment: LogSegment,
        of cluster: DatabaseTarget,
        into sink: DumpSink,
    ) async throws -> Bool {
        let encoding = DumpEncoding(key: key.id, plain: PlainDump(size: LogSegment.size))
        let path = path(of: segment, cluster)
        do {
            let reader = try DumpReader(path, of: subject(segment, cluster), key: key, encoding: encoding)
            let found = try await reader.readAll(into: sink).encoding
            guard found?.plain.size == LogSegment.size else {
                throw Failure(.backupFailed, "\(path) is not a whole segment")
            }
            return true
        } catch let failure as Failure where failure.code == .notFound {
            return false
        } catch let failure as Failure where failure.code == .backupFailed {
            throw Failure(
                .backupFailed,
                "segment \(segment.name) of the log of \(cluster) was changed: \(failure.message)",
                hint: "moments before it can still be gone back to; it is \(path)",
            )
        }
    }

    /// Deletes them; see ``DataSafety/LogVault``.
    public func discard(_ segments: [LogSegment], of cluster: DatabaseTarget) async throws {
        for segment in segments { try Folder.removeFile(path(of: segment, cluster)) }
        for stream in Set(segments.map(\.stream)) {
            let folder = "\(folder(of: cluster))/\(stream)"
            if try Folder.names(in: folder).isEmpty { try Folder.remove(folder) }
        }
    }

    /// Reads how far it reaches; see ``DataSafety/LogVault``.
    public func record(of cluster: DatabaseTarget) async throws -> LogRecord? {
        let path = recordPath(of: cluster)
        guard let bytes = try FileContent.bytes(of: path) else { return nil }
        do {
            return try JSONDecoder().decode(LogFile.self, from: Data(bytes)).record
        } catch {
            throw Failure(
                .damagedState,
                "\(path) can't be read",
                hint:
                    "move it away: what was archived until now can't be gone back to then, and a new base backup is made",
                cause: String(describing: error),
            )
        }
    }

    /// Writes how far it reaches; see ``DataSafety/LogVault``.
    public func save(_ record: LogRecord, of cluster: DatabaseTarget) async throws {
        try Folder.make(folder(of: cluster), mode: 0o700)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let bytes = Array(try encoder.encode(LogFile(format: 1, record: record)))
        try DurableFile.write(bytes + [0x0A], to: recordPath(of: cluster), mode: 0o600)
    }

    private func folder(of cluster: DatabaseTarget) -> String {
        "\(layout.logArchives(of: cluster.environment))/\(cluster.accessory)"
    }

    private func path(of segment: LogSegment, _ cluster: DatabaseTarget) -> String {
        "\(folder(of: cluster))/\(segment.stream)/\(segment.name)"
    }

    private func recordPath(of cluster: DatabaseTarget) -> String { "\(folder(of: cluster))/archive.json" }

    /// What a segment is encrypted as: no other file opens in its place.
    private func subject(_ segment: LogSegment, _ cluster: DatabaseTarget) -> String {
        "log \(cluster) \(segment.stream) \(segment.name)"
    }
}

/// `archive.json`.
private struct LogFile: Codable {
    /// The format of this file.
    let format: Int
    /// How far the archive reaches.
    let record: LogRecord
}
