// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import Synchronization

/// A database server that does what a test says, and remembers what it was asked.
final class ScriptedDatabaseServer: DatabaseServer {
    /// How large it takes every dump to become.
    static let estimate = ByteCount(4711)

    /// What happens at each call; the defaults are a database that comes back as it was.
    struct Script: Sendable {
        var dump: @Sendable (DumpSink) async throws -> DumpedDatabase = { sink in
            try await sink(Samples.bytes)
            return Samples.dumped
        }
        var makeScratch: @Sendable () async throws -> Void = {}
        var restore: @Sendable ([UInt8]) async throws -> Void = { _ in }
        var fingerprint: @Sendable () async throws -> DatabaseFingerprint = { restored }
        var drop: @Sendable () async throws -> Void = {}
        var makeDrill: @Sendable () async throws -> Void = {}
        var drill: @Sendable ([UInt8]) async throws -> DatabaseFingerprint = { _ in restored }

        /// What comes back of ``Samples/fingerprint``.
        static let restored: DatabaseFingerprint = {
            var copy = Samples.fingerprint
            copy.sequences = ["public.shipments_id_seq": SequenceFingerprint(42)]
            return copy
        }()
    }

    private let script: Mutex<Script>
    private let log = Mutex<[String]>([])
    private let existing = Mutex<Set<String>>([])
    private let drills = Mutex<Set<BackupID>>([])

    init(_ script: Script = Script()) {
        self.script = Mutex(script)
    }

    /// What was asked, in order.
    var calls: [String] { log.withLock { $0 } }
    /// Servers that drills that were cut short have left.
    var leftDrills: Set<BackupID> { drills.withLock { $0 } }
    /// Names of the scratch databases that there are.
    var scratchNames: Set<String> { existing.withLock { $0 } }

    /// Changes what happens from now on.
    func change(_ body: (inout Script) -> Void) {
        script.withLock { body(&$0) }
    }

    /// Puts a scratch database there.
    func leave(_ name: String) {
        existing.withLock { _ = $0.insert(name) }
    }

    /// Leaves the server of a drill there.
    func leaveDrill(_ backup: BackupID) {
        drills.withLock { _ = $0.insert(backup) }
    }

    func drill(
        _ backup: Backup,
        from feed: DumpFeed,
    ) async throws -> (DatabaseFingerprint, serverVersion: String) {
        note("drill \(backup.id)")
        try await script.withLock { $0.makeDrill }()
        let box = ByteCollector()
        try await feed { box.add($0) }
        return (try await script.withLock { $0.drill }(box.bytes), "15.20")
    }

    func clearDrills(
        beside database: DatabaseTarget,
        but running: Set<BackupID>,
    ) async throws -> [BackupID] {
        drills.withLock { drills in
            defer { drills.formIntersection(running) }
            return drills.subtracting(running).sorted { $0.rawValue < $1.rawValue }
        }
    }

    func dump(_ database: DatabaseTarget, into sink: @escaping DumpSink) async throws -> DumpedDatabase {
        note("dump")
        return try await script.withLock { $0.dump }(sink)
    }

    func makeScratch(_ scratch: ScratchDatabase, for backup: Backup) async throws {
        note("makeScratch")
        try await script.withLock { $0.makeScratch }()
        leave(scratch.name)
    }

    func estimate(of database: DatabaseTarget) -> ByteCount? { Self.estimate }

    func restore(
        _ backup: Backup,
        into scratch: ScratchDatabase,
        for heir: DatabaseTarget?,
        from feed: DumpFeed,
    ) async throws -> [String] {
        note("restore")
        let box = ByteCollector()
        try await feed { box.add($0) }
        try await script.withLock { $0.restore }(box.bytes)
        return []
    }

    func fingerprint(of scratch: ScratchDatabase) async throws -> (DatabaseFingerprint, serverVersion: String)
    {
        note("fingerprint")
        return (try await script.withLock { $0.fingerprint }(), "15.20")
    }

    func drop(_ scratch: ScratchDatabase) async throws {
        note("drop \(scratch.name)")
        try await script.withLock { $0.drop }()
        existing.withLock { _ = $0.remove(scratch.name) }
    }

    private func note(_ call: String) {
        log.withLock { $0.append(call) }
    }
}
