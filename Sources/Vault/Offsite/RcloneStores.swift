// SPDX-License-Identifier: Apache-2.0
public import Core
public import DataSafety
import FoundationEssentials
import HostSystem

/// Stores that rclone(1) speaks to; each copy is a folder `<project>/<environment>/<id>-<the dump's SHA-256>` with `dump` and
/// `manifest.json`, as they lie in the vault.
public struct RcloneStores: OffsiteStores {
    private let layout: HomeLayout
    private let register: ObjectStoreRegister
    private let patience: Duration
    private let attempts: Int

    /// The stores of a home.
    ///
    /// - Parameters:
    ///   - layout: The home.
    ///   - patience: How long a store may say nothing before a request is tried again.
    ///   - attempts: How often it is.
    public init(layout: HomeLayout, patience: Duration = .seconds(60), attempts: Int = 3) {
        self.layout = layout
        self.patience = patience
        self.attempts = attempts
        register = ObjectStoreRegister(layout: layout)
    }

    /// Where it is; see ``DataSafety/OffsiteStores``.
    public func address(of store: StoreName) async throws -> String? {
        try register.store(store).map { "\($0.endpoint ?? "Amazon S3") \($0.bucket)/\($0.prefix)" }
    }

    /// Sends the dump; see ``DataSafety/OffsiteStores``.
    public func send(
        _ backup: Backup,
        to store: StoreName,
        passing: @escaping ByteCounter,
    ) async throws {
        let rclone = try rclone(store)
        try await rclone.send(
            BackupPlace(backup, in: layout).dump,
            to: rclone.path(try folder(backup), "dump"),
            passing: passing,
        )
    }

    /// Reads the dump back; see ``DataSafety/OffsiteStores``.
    public func seal(
        of backup: Backup,
        in store: StoreName,
        passing: @escaping ByteCounter,
    ) async throws -> DumpSeal {
        let maker = SharedSealMaker()
        try await read(backup, from: store) { bytes in
            await maker.add(bytes)
            passing(bytes.count)
        }
        return await maker.seal
    }

    /// Sends the manifest; see ``DataSafety/OffsiteStores``.
    public func publish(_ backup: Backup, to store: StoreName) async throws {
        let rclone = try rclone(store)
        let path = rclone.path(try folder(backup), "manifest.json")
        let file = BackupPlace(backup, in: layout).manifest
        guard let text = try FileContent.text(of: file) else {
            throw Failure(.backupFailed, "the manifest of backup \(backup.id) is gone: \(file)")
        }
        try await rclone.send(file, to: path)
        guard try await rclone.text(path) == text else {
            throw Failure(
                .backupFailed,
                "store \(store) gave another manifest back than backup \(backup.id) has",
                isRetryable: true,
            )
        }
    }

    /// Reads the dump; see ``DataSafety/OffsiteStores``.
    public func read(_ backup: Backup, from store: StoreName, into sink: @escaping DumpSink) async throws {
        let rclone = try rclone(store)
        try await rclone.read(rclone.path(try folder(backup), "dump"), into: sink)
    }

    /// Reads the manifests; see ``DataSafety/OffsiteStores``.
    public func contents(of environment: EnvironmentKey, in store: StoreName) async throws -> VaultContents {
        let rclone = try rclone(store)
        let parent = Self.parent(of: environment)
        let files = try await rclone.list(rclone.path(parent))
            .map { $0.split(separator: "/").map(String.init) }
        var contents = VaultContents()
        for folder in Set(files.compactMap(\.first)).sorted() {
            do {
                let there = Set(
                    files.filter { $0.first == folder }.map { $0.dropFirst().joined(separator: "/") }
                )
                guard there.isSuperset(of: ["dump", "manifest.json"]) else {
                    throw Failure(
                        .damagedState,
                        "there is no \(there.contains("dump") ? "manifest" : "dump")",
                    )
                }
                contents.backups.append(try await backup(in: parent, folder, rclone))
            } catch let failure as Failure where failure.code != .unreachable {
                // One that can't be read hides no other.
                contents.oddities.append(
                    VaultContents.Oddity(folder: "\(parent)/\(folder)", problem: failure.message)
                )
            }
        }
        contents.backups.sort { ($0.startedAt, $0.id) > ($1.startedAt, $1.id) }
        return contents
    }

    /// What one folder's manifest says.
    private func backup(in parent: String, _ folder: String, _ rclone: Rclone) async throws -> Backup {
        guard let text = try await rclone.text(rclone.path(parent, folder, "manifest.json")) else {
            throw Failure(.damagedState, "there is no manifest")
        }
        let backup = try BackupPlace.backup(in: Array(text.utf8))
        try Self.check(backup)
        guard try self.folder(backup) == "\(parent)/\(folder)" else {
            throw Failure(.damagedState, "the manifest is that of another backup")
        }
        return backup
    }

    /// Removes the copy; see ``DataSafety/OffsiteStores``.
    public func discard(_ backup: Backup, from store: StoreName) async throws {
        guard backup.content != nil else { return }
        let rclone = try rclone(store)
        for file in ["manifest.json", "dump"] {
            try await rclone.remove(file, from: rclone.path(try folder(backup)))
        }
    }

    /// Writes something into a store, reads it back and removes it, so that whoever adds one knows that it will do.
    ///
    /// Throws what keeps it from that. One that lets nobody remove anything will do: it says so by returning false.
    public func check(_ store: ObjectStore) async throws -> Bool {
        let rclone = Rclone(store: store, patience: patience, attempts: attempts)
        let word = "opshub-check-\(UUID().uuidString.lowercased())"
        let file = "\(layout.keys)/\(word)"
        try DurableFile.write(word, to: file, mode: 0o600)
        defer { try? Folder.remove(file) }
        let path = rclone.path(word)
        try await rclone.send(file, to: path)
        guard try await rclone.text(path) == word else {
            throw Failure(
                .backupFailed,
                "store \(store.name) gives something else back than was written to it",
            )
        }
        do {
            try await rclone.remove(word, from: rclone.path())
        } catch let failure as Failure where failure.code == .unauthorized {
            return false
        }
        return true
    }

    /// A manifest comes from where anybody may have written it, and what it says becomes parts of paths.
    private static func check(_ backup: Backup) throws(Failure) {
        let number = backup.id.rawValue.utf8.dropFirst()
        let isName =
            backup.id.rawValue.hasPrefix("b") && (1...9).contains(number.count)
            && number.allSatisfy { (0x30...0x39).contains($0) }
        guard isName, NameRule.admits(backup.database.accessory.rawValue) else {
            throw Failure(.damagedState, "the manifest names what no OpsHub does")
        }
    }

    private func rclone(_ name: StoreName) throws -> Rclone {
        guard let store = try register.store(name) else {
            throw Failure(.notFound, "there is no store \(name)", hint: "opshub store add \(name)")
        }
        return Rclone(store: store, patience: patience, attempts: attempts)
    }

    private static func parent(of environment: EnvironmentKey) -> String {
        "\(environment.project)/\(environment.environment)"
    }

    /// Where a backup's copy lies below the store's own folder.
    private func folder(_ backup: Backup) throws(Failure) -> String {
        guard let content = backup.content else {
            throw Failure(.conflict, "backup \(backup.id) has no content")
        }
        return
            "\(Self.parent(of: backup.database.environment))/\(backup.id)-\(content.seal.sha256.prefix(16))"
    }
}

/// Hashes bytes that come from somewhere else.
private actor SharedSealMaker {
    private var maker = SealMaker()
    private let executor = QueueExecutor("backup.offsite", isBackground: true)

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    var seal: DumpSeal { maker.seal }

    func add(_ bytes: [UInt8]) { maker.add(bytes) }
}
