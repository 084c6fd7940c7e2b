// SPDX-License-Identifier: Apache-2.0
public import Core
import FoundationEssentials
import HostSystem

/// The stores of a home, each in a file of its own that only OpsHub reads: `keys/stores/spaces.json`.
public struct ObjectStoreRegister: Sendable {
    private let layout: HomeLayout

    /// The stores of a home.
    public init(layout: HomeLayout) {
        self.layout = layout
    }

    /// Every store, by name.
    ///
    /// Throws `damaged-state` for one that can't be read.
    public func stores() throws -> [ObjectStore] {
        try Folder.names(in: layout.stores).filter { $0.hasSuffix(".json") }.sorted()
            .compactMap { try store(StoreName(String($0.dropLast(5)))) }
    }

    /// One store; nil when there is none of that name.
    public func store(_ name: StoreName) throws -> ObjectStore? {
        guard NameRule.admits(name.rawValue), let bytes = try FileContent.bytes(of: path(name)) else {
            return nil
        }
        do {
            let file = try JSONDecoder().decode(StoreFile.self, from: Data(bytes))
            return try ObjectStore(
                name: name,
                endpoint: file.endpoint,
                region: file.region,
                bucket: file.bucket,
                prefix: file.prefix,
                accessKey: file.accessKey,
                secretKey: Secret(file.secretKey),
            )
        } catch {
            throw Failure(
                .damagedState,
                "\(path(name)) does not say where the store is",
                hint: "say it again: opshub store add \(name)",
                cause: (error as? Failure)?.message ?? "it can't be read",
            )
        }
    }

    /// Writes a store, in place of what was known of it.
    public func add(_ store: ObjectStore) throws {
        try Folder.make(layout.stores, mode: 0o700)
        let file = StoreFile(
            endpoint: store.endpoint,
            region: store.region,
            bucket: store.bucket,
            prefix: store.prefix,
            accessKey: store.accessKey,
            secretKey: store.secretKey.revealed(),
        )
        try DurableFile.write(Array(try JSONEncoder().encode(file)), to: path(store.name), mode: 0o600)
    }

    /// Forgets a store; what it has stays there.
    ///
    /// Idempotent.
    public func remove(_ name: StoreName) throws { try Folder.remove(path(name)) }

    private func path(_ name: StoreName) -> String { "\(layout.stores)/\(name).json" }
}

/// A store's file.
private struct StoreFile: Codable {
    var endpoint: String?
    var region: String?
    var bucket: String
    var prefix: String
    var accessKey: String
    var secretKey: String
}
