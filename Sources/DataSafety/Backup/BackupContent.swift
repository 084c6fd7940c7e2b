// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// What was written for a backup, once it is completely on disk.
public struct BackupContent: Hashable, Sendable, Codable {
    /// The bytes of the dump's file.
    public var seal: DumpSeal
    /// How the file holds the dump; nil when an earlier version wrote it as it was.
    public var encoding: DumpEncoding?
    /// When the last of them was on disk.
    public var writtenAt: Date
    /// The server that it came from.
    public var server: ServerIdentity
    /// The program that wrote it, with its version.
    public var tool: String
    /// What the database held when it was dumped.
    public var fingerprint: DatabaseFingerprint
    /// How much disk the database took.
    public var databaseSize: ByteCount
    /// The server's roles with what they may and what is set for them, as SQL without passwords.
    ///
    /// Nil when an earlier version made the backup.
    public var roles: String?
    /// What the server had counted as written by then; nil when an earlier version made the backup.
    public var writes: WriteCounters?
    /// Where in the server's log it was made; nil for anything but all of a server's files.
    public var base: BaseBackup?
    /// What is to be known of what was written, one sentence each: files that changed while they were read; nil for nothing.
    public var remarks: [String]?

    /// Describes what was written.
    public init(_ dump: StoredDump, writtenAt: Date, dumped: DumpedDatabase) {
        seal = dump.seal
        encoding = dump.encoding
        self.writtenAt = writtenAt
        server = dumped.server
        tool = dumped.tool
        fingerprint = dumped.fingerprint
        databaseSize = dumped.databaseSize
        roles = dumped.roles
        writes = dumped.writes
        base = dumped.base
        remarks = dumped.remarks.isEmpty ? nil : dumped.remarks
    }
}
