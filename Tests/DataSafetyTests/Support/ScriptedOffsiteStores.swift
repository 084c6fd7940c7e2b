// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Synchronization

/// One store, `spaces`, that fails as it is told.
final class ScriptedOffsiteStores: OffsiteStores {
    /// What goes wrong.
    enum Fault: CaseIterable, Sendable {
        /// Nothing is answered.
        case away
        /// Nothing is let in.
        case refused
        /// What is sent is not kept.
        case swallowed
        /// Other bytes come back.
        case flipped
        /// Fewer bytes come back.
        case cut
        /// The manifest does not arrive.
        case unsealed
        /// Nothing can be removed.
        case kept
        /// The bucket is gone with everything in it.
        case gone
    }

    private struct Content {
        var dumps: [String: [UInt8]] = [:]
        var manifests: [String: Backup] = [:]
        var fault: Fault?
        var address: String? = "here"
        var ailing: Set<BackupID> = []
        var sent: [BackupID] = []
        var onBytes: @Sendable () -> Void = {}
    }

    static let name = StoreName("spaces")
    private let vault: InMemoryVault
    private let content = Mutex(Content())

    init(_ vault: InMemoryVault) {
        self.vault = vault
    }

    /// Copies with a manifest.
    var backups: Set<BackupID> { content.withLock { Set($0.manifests.values.map(\.id)) } }
    /// What was sent, in order.
    var sent: [BackupID] { content.withLock { $0.sent } }

    /// Goes wrong from now on; nil for no more.
    func fail(_ fault: Fault?) { content.withLock { $0.fault = fault } }

    /// Does something whenever bytes have passed.
    func whenBytesPass(_ body: @escaping @Sendable () -> Void) { content.withLock { $0.onBytes = body } }

    /// Loses the bytes of these, and no others.
    func ail(_ backups: Set<BackupID>) { content.withLock { $0.ailing = backups } }

    /// Changes the bytes of a copy that is there.
    func rot(_ backup: Backup) { content.withLock { $0.dumps[Self.key(backup)] = Array("the rot".utf8) } }

    /// Has a copy that another home has made.
    func put(_ backup: Backup, _ bytes: [UInt8]) {
        content.withLock { ($0.dumps[Self.key(backup)], $0.manifests[Self.key(backup)]) = (bytes, backup) }
    }

    func address(of store: StoreName) async throws -> String? {
        content.withLock { store == Self.name ? $0.address : nil }
    }

    /// Is there from now on, or nobody has added it yet.
    func set(isAdded: Bool) { content.withLock { $0.address = isAdded ? "here" : nil } }

    /// Is somewhere else from now on, with nothing in it.
    func move() {
        content.withLock { ($0.dumps, $0.manifests, $0.address) = ([:], [:], "elsewhere") }
    }

    func send(_ backup: Backup, to store: StoreName, passing: @escaping ByteCounter) async throws {
        let fault = try answering()
        let bytes = vault.bytes(of: backup.id)
        passing(bytes?.count ?? 0)
        content.withLock { $0.onBytes }()
        content.withLock { content in
            content.sent.append(backup.id)
            content.dumps[Self.key(backup)] =
                fault == .swallowed || content.ailing.contains(backup.id) ? nil : bytes
        }
    }

    func seal(
        of backup: Backup,
        in store: StoreName,
        passing: @escaping ByteCounter,
    ) async throws -> DumpSeal {
        let bytes = try bytes(of: backup)
        passing(bytes.count)
        content.withLock { $0.onBytes }()
        return InMemoryVault.seal(bytes)
    }

    func publish(_ backup: Backup, to store: StoreName) async throws {
        if try answering() == .unsealed { throw Failure(.backupFailed, "another manifest came back") }
        content.withLock { $0.manifests[Self.key(backup)] = backup }
    }

    func read(_ backup: Backup, from store: StoreName, into sink: @escaping DumpSink) async throws {
        try await sink(try bytes(of: backup))
        content.withLock { $0.onBytes }()
    }

    func contents(of environment: EnvironmentKey, in store: StoreName) async throws -> VaultContents {
        _ = try answering()
        return VaultContents(
            backups: content.withLock { $0.manifests.values.sorted { $0.startedAt > $1.startedAt } }
        )
    }

    func discard(_ backup: Backup, from store: StoreName) async throws {
        if try answering() == .kept { throw Failure(.unauthorized, "nothing is removed here") }
        content.withLock { ($0.dumps[Self.key(backup)], $0.manifests[Self.key(backup)]) = (nil, nil) }
    }

    private func answering() throws -> Fault? {
        let fault = content.withLock { $0.fault }
        if fault == .away { throw Failure(.unreachable, "the store does not answer", isRetryable: true) }
        if fault == .gone { throw Failure(.notFound, "the store has no bucket") }
        if fault == .refused { throw Failure(.unauthorized, "the store lets nobody in") }
        return fault
    }

    private func bytes(of backup: Backup) throws -> [UInt8] {
        let fault = try answering()
        guard let bytes = content.withLock({ $0.dumps[Self.key(backup)] }) else {
            throw Failure(.backupFailed, "the store does not have it")
        }
        switch fault {
        case .flipped: return Array("the dumb".utf8)
        case .cut: return Array(bytes.dropLast(3))
        default: return bytes
        }
    }

    private static func key(_ backup: Backup) -> String {
        "\(backup.id)-\(backup.content?.seal.sha256 ?? "")"
    }
}
