// SPDX-License-Identifier: Apache-2.0
public import Core

/// What a database server says of a dump that it has just made.
public struct DumpedDatabase: Hashable, Sendable {
    /// The server and how the database was made.
    public var server: ServerIdentity
    /// The program that wrote the dump, with its version.
    public var tool: String
    /// What the database held in the very snapshot that was dumped.
    public var fingerprint: DatabaseFingerprint
    /// How much disk the database takes, which a restored copy will take too.
    public var databaseSize: ByteCount
    /// The server's roles as SQL, without passwords.
    public var roles: String?
    /// What the server had counted as written by then.
    public var writes: WriteCounters?
    /// Where in the server's log it was made; nil for anything but all of a server's files.
    public var base: BaseBackup?
    /// What is to be known of it, one sentence each.
    public var remarks: [String]

    /// Describes a dump.
    public init(
        server: ServerIdentity,
        tool: String,
        fingerprint: DatabaseFingerprint,
        databaseSize: ByteCount,
        roles: String? = nil,
        writes: WriteCounters? = nil,
        base: BaseBackup? = nil,
        remarks: [String] = [],
    ) {
        self.server = server
        self.tool = tool
        self.fingerprint = fingerprint
        self.databaseSize = databaseSize
        self.roles = roles
        self.writes = writes
        self.base = base
        self.remarks = remarks
    }
}
