// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import Synchronization

/// Where dumps lie, for as long as the process lives; its hash is the text itself.
final class InMemoryVault: BackupVault {
    private struct Content {
        var dumps: [BackupID: [UInt8]] = [:]
        var manifests: [BackupID: Backup] = [:]
        var publishing: Failure?
        var discarding: Failure?
    }

    private let content = Mutex(Content())

    /// Names of the dumps that there are.
    var dumps: Set<BackupID> { content.withLock { Set($0.dumps.keys) } }
    /// The manifests that there are.
    var manifests: [BackupID: Backup] { content.withLock { $0.manifests } }

    /// The bytes of a dump.
    func bytes(of id: BackupID) -> [UInt8]? { content.withLock { $0.dumps[id] } }

    /// Replaces the bytes of a dump; nil removes it.
    func put(_ bytes: [UInt8]?, for id: BackupID) {
        content.withLock { $0.dumps[id] = bytes }
    }

    /// Makes publishing and discarding fail.
    func refuse(publishing: Failure? = nil, discarding: Failure? = nil) {
        content.withLock { ($0.publishing, $0.discarding) = (publishing, discarding) }
    }

    func receive<Result: Sendable>(
        _ backup: Backup,
        from body: @Sendable (@escaping DumpSink) async throws -> Result,
    ) async throws -> (Result, StoredDump) {
        let collected = ByteCollector()
        let result = try await body { collected.add($0) }
        let bytes = collected.bytes
        content.withLock { $0.dumps[backup.id] = bytes }
        // Whoever waits for a vault may be told of having given up when everything is there.
        try Task.checkCancellation()
        return (result, StoredDump(seal: Self.seal(bytes), encoding: nil))
    }

    func holds(_ backup: Backup) async throws -> Bool { content.withLock { $0.dumps[backup.id] != nil } }

    func publish(_ backup: Backup) async throws {
        try content.withLock { content in
            if let failure = content.publishing { throw failure }
            guard content.dumps[backup.id] != nil else { throw Failure(.notFound, "there is no dump") }
            content.manifests[backup.id] = backup
        }
    }

    func seal(of backup: Backup, passing: @escaping ByteCounter) async throws -> DumpSeal {
        try await read(backup) { passing($0.count) }.seal
    }

    func read(_ backup: Backup, _ part: Range<Int64>, into sink: @escaping DumpSink) async throws {
        let source = DumpFeed { sink in _ = try await self.read(backup, into: sink) }
        try await source(part, sink)
    }

    func read(_ backup: Backup, into sink: @escaping DumpSink) async throws -> StoredDump {
        let bytes = content.withLock { $0.dumps[backup.id] }
        guard let bytes else { throw Failure(.notFound, "there is no dump") }
        for byte in bytes { try await sink([byte]) }
        return StoredDump(seal: Self.seal(bytes), encoding: nil)
    }

    func borrow<Result: Sendable>(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
        body: @Sendable (DumpSource) async throws -> Result,
    ) async throws -> Result {
        let bytes = try await taken(backup, from: source)
        return try await body(
            DumpSource(
                whole: { sink in
                    try await sink(bytes)
                    return StoredDump(seal: Self.seal(bytes), encoding: nil)
                },
                part: { part, sink in try await DumpFeed { try await $0(bytes) }(part, sink) },
            )
        )
    }

    func adopt(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws {
        if manifests[backup.id] != nil, let here = bytes(of: backup.id),
            Self.seal(here) == backup.content?.seal
        {
            throw Failure(.conflict, "it is here already")
        }
        put(try await taken(backup, from: source), for: backup.id)
    }

    private func taken(
        _ backup: Backup,
        from source: @Sendable (@escaping DumpSink) async throws -> Void,
    ) async throws -> [UInt8] {
        let box = ByteCollector()
        try await source { box.add($0) }
        guard Self.seal(box.bytes) == backup.content?.seal else {
            throw Failure(.backupFailed, "other bytes came")
        }
        return box.bytes
    }

    func contents(of environment: EnvironmentKey) async throws -> VaultContents {
        content.withLock { content in
            VaultContents(
                backups: content.manifests.values.filter { content.dumps[$0.id] != nil }
                    .sorted { $0.startedAt > $1.startedAt },
                oddities: content.dumps.keys.filter { content.manifests[$0] == nil }.sorted()
                    .map { VaultContents.Oddity(folder: "/\($0)", problem: "there is no manifest") },
            )
        }
    }

    func discard(_ backup: Backup) async throws {
        try content.withLock { content in
            if let failure = content.discarding { throw failure }
            content.manifests[backup.id] = nil
            content.dumps[backup.id] = nil
        }
    }

    static func seal(_ bytes: [UInt8]) -> DumpSeal {
        DumpSeal(
            size: ByteCount(Int64(bytes.count)),
            sha256: "sum-of-" + String(decoding: bytes, as: UTF8.self),
        )
    }
}
