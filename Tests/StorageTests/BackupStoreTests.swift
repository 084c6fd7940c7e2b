// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Storage
import Testing

/// The catalogue of backups keeps what its port promises.
@Suite("The catalogue of backups")
struct BackupStoreTests {
    @Test("gives names that nobody has or had")
    func names() async throws {
        try await Self.use { store, _ in
            let ids = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask(name: "backup \(number)") { try await store.nextBackupID() }
                }
                return try await group.reduce(into: []) { $0.append($1.rawValue) }
            }
            #expect(Set(ids) == Set((1...50).map { "b\($0)" }))
        }
    }

    @Test("gives no name again after its backup was removed, also when it is opened again")
    func removedNames() async throws {
        try await Scratch.use { scratch in
            let store = SQLiteBackupStore(try StateDatabase(path: scratch.database))
            for _ in 1...3 { try await store.save(Self.backup(try await store.nextBackupID())) }
            for id in ["b1", "b2", "b3"] { try await store.remove(BackupID(id)) }
            #expect(try await store.nextBackupID() == BackupID("b4"))
            let again = SQLiteBackupStore(try StateDatabase(path: scratch.database))
            #expect(try await again.nextBackupID() == BackupID("b5"))
        }
    }

    /// As after a catalogue was made again from the manifests of a vault.
    @Test("gives names greater than that of every backup that was ever saved")
    func foundNames() async throws {
        try await Self.use { store, _ in
            try await store.save(Self.backup(BackupID("b7")))
            #expect(try await store.nextBackupID() == BackupID("b8"))
            try await store.save(Self.backup(BackupID("b20")))
            try await store.remove(BackupID("b20"))
            #expect(try await store.nextBackupID() == BackupID("b21"))
            try await store.save(Self.backup(BackupID("b3")))
            #expect(try await store.nextBackupID() == BackupID("b22"))
        }
    }

    @Test("gives back a backup in every state", arguments: SampleBackup.all)
    func roundTrip(sample: SampleBackup) async throws {
        try await Self.use { store, path in
            try await store.save(sample.backup)
            #expect(try await store.backup(sample.backup.id) == sample.backup)
            let again = SQLiteBackupStore(try StateDatabase(path: path))
            #expect(try await again.backups(of: Sample.production) == [sample.backup])
        }
    }

    @Test("puts what is known now in the place of what was known")
    func replaces() async throws {
        try await Self.use { store, _ in
            for sample in SampleBackup.all {
                try await store.save(sample.backup)
                try await store.save(sample.backup)
            }
            let last = try #require(SampleBackup.all.last?.backup)
            #expect(try await store.backups(of: Sample.production) == [last])
        }
    }

    @Test("lists an environment's backups newest first: by begin, then by number")
    func order() async throws {
        try await Self.use { store, _ in
            for (number, seconds) in [(2, 0.0), (10, 0), (9, 60), (1, -60), (11, 0)] {
                let begin = Sample.time.addingTimeInterval(seconds)
                try await store.save(Self.backup(BackupID("b\(number)"), at: begin))
            }
            try await store.save(Self.backup(BackupID("b12"), of: Sample.staging))
            let ids = try await store.backups(of: Sample.production).map(\.id.rawValue)
            #expect(ids == ["b9", "b11", "b10", "b2", "b1"])
            #expect(try await store.backups(of: Sample.staging).map(\.id.rawValue) == ["b12"])
            #expect(try await store.backups(of: Sample.key("other", "main")) == [])
        }
    }

    @Test("forgets, more than once")
    func remove() async throws {
        try await Self.use { store, _ in
            try await store.save(Self.backup(BackupID("b1")))
            try await store.save(Self.backup(BackupID("b2")))
            for _ in 1...2 { try await store.remove(BackupID("b1")) }
            #expect(try await store.backup(BackupID("b1")) == nil)
            #expect(try await store.backups(of: Sample.production).map(\.id.rawValue) == ["b2"])
        }
    }

    private static func backup(
        _ id: BackupID,
        of key: EnvironmentKey = Sample.production,
        at begin: Date = Sample.time,
    ) -> Backup {
        Backup(
            id: id,
            of: DatabaseTarget(key, AccessoryName("db"), "shop"),
            because: .command(by: "Ada"),
            at: begin,
        )
    }

    private static func use(_ body: (SQLiteBackupStore, _ path: String) async throws -> Void) async throws {
        try await Scratch.use { scratch in
            try await body(SQLiteBackupStore(try StateDatabase(path: scratch.database)), scratch.database)
        }
    }
}
