// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import HostSystem

/// One backup's folder.
struct BackupPlace: Hashable {
    /// The folder.
    let folder: String

    /// A folder that lies there.
    init(folder: String) {
        self.folder = folder
    }

    /// Where a backup belongs.
    init(_ backup: Backup, in layout: HomeLayout) {
        folder = "\(layout.backups(of: backup.database.environment))/\(backup.id)"
    }

    /// The folder of all backups.
    var parent: String { folder.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } }
    /// The dump.
    var dump: String { "\(folder)/dump" }
    /// The dump while it is being written.
    var unfinishedDump: String { "\(folder)/dump.partial" }
    /// A copy of the dump that was brought from elsewhere, while it is looked at.
    var borrowedDump: String { "\(folder)/dump.borrowed" }
    /// What makes it a backup.
    var manifest: String { "\(folder)/manifest.json" }

    /// Whether there is a dump.
    var hasDump: Bool { FileManager.default.fileExists(atPath: dump) }

    /// What the manifest says.
    ///
    /// Throws `damaged-state` when this is no complete backup. Where it was copied to, its folder may have any name.
    func backup(anywhere: Bool = false) throws(Failure) -> Backup {
        guard let bytes = try FileContent.bytes(of: manifest) else { throw damaged("there is no manifest") }
        let backup = try Self.backup(in: bytes)
        guard anywhere || folder.hasSuffix("/\(backup.id)") else {
            throw damaged("the manifest is that of \(backup.id)")
        }
        guard let content = backup.content else { throw damaged("the manifest names no dump") }
        guard hasDump else { throw damaged("there is no dump") }
        // A size that can't be read is not the one that was written.
        let size = try? FileManager.default.attributesOfItem(atPath: dump)[.size] as? Int64
        guard size == content.seal.size.bytes else {
            throw damaged("the dump has \(size ?? -1) bytes instead of \(content.seal.size.bytes)")
        }
        return backup
    }

    /// What a manifest says.
    ///
    /// Throws `damaged-state` when it can't be read.
    static func backup(in manifest: [UInt8]) throws(Failure) -> Backup {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            try Date(try decoder.singleValueContainer().decode(String.self), strategy: Self.times)
        }
        do {
            return try decoder.decode(BackupFile.self, from: Data(manifest)).backup
        } catch {
            throw Failure(.damagedState, "the manifest can't be read: \(error)")
        }
    }

    /// A manifest's bytes.
    static func json(_ backup: Backup) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(times))
        }
        return Array(try encoder.encode(BackupFile(format: 1, backup: backup))) + [0x0A]
    }

    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func damaged(_ problem: String) -> Failure { Failure(.damagedState, problem) }
}

extension Backup {
    /// What its dump is encrypted as: no other backup's file opens in its place.
    var subject: String { "\(id) \(database)" }
}

/// `manifest.json`.
private struct BackupFile: Codable {
    /// The format of this file.
    let format: Int
    /// The backup.
    let backup: Backup
}
