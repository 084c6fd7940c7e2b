// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import FoundationEssentials
import HostSystem

@testable import Vault

/// A vault in a folder of its own.
struct VaultBench: Sendable {
    let layout: HomeLayout
    let vault: FileBackupVault
    let key: RecoveryKey
    let environment = EnvironmentKey(ProjectName("tracehub"), EnvironmentName("production"))
    let date = Date(timeIntervalSince1970: 1_800_000_000)

    /// Makes one, and removes its folder whatever happens.
    static func with(
        reserve: ByteCount = ByteCount(0),
        body: (VaultBench) async throws -> Void,
    ) async throws {
        let name = String((0..<12).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        let layout = HomeLayout(root: "/tmp/opshub-vault-\(name)")
        try Folder.make(layout.root)
        do {
            let key = RecoveryKey()
            let vault = FileBackupVault(layout: layout, key: key, reserve: reserve)
            try await body(VaultBench(layout: layout, vault: vault, key: key))
            try Folder.remove(layout.root)
        } catch {
            try Folder.remove(layout.root)
            throw error
        }
    }

    /// A backup that begins.
    func backup(_ number: Int = 1, at date: Date? = nil) -> Backup {
        let database = DatabaseTarget(environment, AccessoryName("db"), "tracehub")
        return Backup(id: BackupID("b\(number)"), of: database, because: .schedule, at: date ?? self.date)
    }

    /// Where its files are.
    func place(_ number: Int = 1) -> BackupPlace { BackupPlace(backup(number), in: layout) }

    /// What lies in the vault.
    func contents() async throws -> VaultContents { try await vault.contents(of: environment) }

    /// What the first backup's dump holds.
    func text() async throws -> String {
        let box = ByteCollector()
        _ = try await vault.read(backup()) { box.add($0) }
        return String(decoding: box.bytes, as: UTF8.self)
    }

    /// A backup that an earlier version wrote as it was.
    func unencrypted(_ text: String) throws -> Backup {
        var backup = backup(9)
        let seal = DumpSeal(size: ByteCount(Int64(text.utf8.count)), sha256: "00")
        try backup.apply(.dumped(content(StoredDump(seal: seal, encoding: nil))), at: date)
        return backup
    }

    /// Receives bytes, and returns the backup as written.
    func receive(_ bytes: [UInt8], _ number: Int = 1, at date: Date? = nil) async throws -> Backup {
        try await receive([bytes], number, at: date)
    }

    /// Receives pieces, and returns the backup as written.
    func receive(_ pieces: [[UInt8]], _ number: Int = 1, at date: Date? = nil) async throws -> Backup {
        var backup = backup(number, at: date)
        let (_, dump) = try await vault.receive(backup) { sink in
            for piece in pieces { try await sink(piece) }
        }
        try backup.apply(.dumped(content(dump)), at: self.date)
        return backup
    }

    private func content(_ dump: StoredDump) -> BackupContent {
        let identity = ServerIdentity(
            version: "15.20",
            systemIdentifier: "7",
            encoding: "UTF8",
            collation: "C",
            characterType: "C",
        )
        let dumped = DumpedDatabase(
            server: identity,
            tool: "pg_dump 15.20",
            fingerprint: DatabaseFingerprint(),
            databaseSize: ByteCount(1),
        )
        return BackupContent(dump, writtenAt: date, dumped: dumped)
    }
}
