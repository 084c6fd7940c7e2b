// SPDX-License-Identifier: Apache-2.0
import Foundation
import Core
import DataSafety

/// Reads a base backup's tar stream on its way, for the manifest that PostgreSQL puts at its end: a list of all files with their checksums.
actor BaseArchive {
    private static let block = 512
    private static let manifest = "backup_manifest"
    /// Of hundreds of thousands of files.
    private static let mostBytes = 256 << 20

    private var header: [UInt8] = []
    /// Bytes of the entry, with its padding, that are still to come, and how many of them are the manifest's.
    private var (left, wanted) = (0, 0)
    private var found: [UInt8] = []

    /// Takes the next bytes.
    ///
    /// Throws `backup-failed` for what is no tar.
    func read(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if left > 0 {
                let part = rest.prefix(left)
                let own = part.prefix(wanted)
                found += own
                wanted -= own.count
                left -= part.count
                rest = rest.dropFirst(part.count)
                continue
            }
            let part = rest.prefix(Self.block - header.count)
            header += part
            rest = rest.dropFirst(part.count)
            guard header.count == Self.block else { return }
            try begin(header)
            header = []
        }
    }

    /// What the manifest says of the files, and where in the log they were copied.
    ///
    /// Throws `backup-failed` when it did not come.
    func finish() throws(Failure) -> BaseManifest {
        guard left == 0, header.isEmpty else {
            throw Failure(.backupFailed, "the base backup ends within a file")
        }
        return try BaseManifest(found)
    }

    /// A header (ustar): the name in the first 100 bytes, the size in octal digits from byte 124.
    private func begin(_ header: [UInt8]) throws(Failure) {
        guard header.contains(where: { $0 != 0 }) else { return }
        let name = String(decoding: header.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
        let digits = String(decoding: header[124..<136].filter { $0 > 0x20 }, as: UTF8.self)
        guard let size = Int(digits, radix: 8), header[257..<262].elementsEqual("ustar".utf8) else {
            throw Failure(.backupFailed, "the base backup can't be read at '\(name)'")
        }
        left = (size + Self.block - 1) / Self.block * Self.block
        guard name == Self.manifest else { return }
        guard size <= Self.mostBytes else {
            throw Failure(.backupFailed, "the base backup's manifest has \(ByteCount(Int64(size)))")
        }
        wanted = size
    }
}

/// What `backup_manifest` says.
struct BaseManifest: Hashable {
    /// How many files there are, and one checksum of all they are.
    let fingerprint: DatabaseFingerprint
    /// The branch of the cluster's history.
    let timeline: UInt32
    /// The log that the files need to fit each other.
    let log: ClosedRange<LogPosition>

    /// Reads one.
    ///
    /// Throws `backup-failed` for anything else.
    init(_ bytes: [UInt8]) throws(Failure) {
        let text = String(decoding: bytes, as: UTF8.self)
        let range = /"Timeline": (\d+), "Start-LSN": "([^"]+)", "End-LSN": "([^"]+)"/
        guard let checksum = text.firstMatch(of: /"Manifest-Checksum": "([0-9a-f]{64})"/)?.1,
            let found = text.firstMatch(of: range), let timeline = UInt32(found.1),
            let start = LogPosition(String(found.2)), let end = LogPosition(String(found.3)), start <= end
        else { throw Failure(.backupFailed, "the base backup has no manifest of its files") }
        (self.timeline, log) = (timeline, start...end)
        fingerprint = DatabaseFingerprint(
            reading: "\(DatabaseFingerprint.clusterReading) 1",
            tables: [
                "server": TableFingerprint(
                    rows: Int64(text.split(separator: "\n").count { $0.contains("\"Size\": ") }),
                    digest: String(checksum),
                )
            ],
        )
    }
}
