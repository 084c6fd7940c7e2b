// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Delivery
import HostSystem
import Manifest
import TestSupport
import Testing
import Vault

@testable import FolderTools

/// Folders of a home of their own, with every real part but the catalogue.
struct FolderBench: Sendable {
    let layout: HomeLayout
    let environment: EnvironmentKey
    let accessories: FolderAccessories
    let server: FolderServer
    let exchange: FolderExchange
    let store = InMemoryBackupStore()
    let backups: Backups
    let restores: Restores

    private init(root: String, project: String) {
        layout = HomeLayout(root: root)
        environment = EnvironmentKey(ProjectName(project), EnvironmentName("test"))
        accessories = FolderAccessories(layout: layout)
        server = FolderServer(layout: layout)
        exchange = FolderExchange(layout: layout)
        backups = Backups(
            store: store,
            vault: FileBackupVault(layout: layout, key: RecoveryKey()),
            offsite: RcloneStores(layout: layout),
            server: server,
            lock: FolderLock(layout: layout),
        )
        restores = Restores(backups: backups, exchange: exchange, tables: NoTables())
    }

    /// Makes a home, and removes it with its accounts whatever happens.
    static func with(_ body: (FolderBench) async throws -> Void) async throws {
        let name = String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        let bench = FolderBench(root: "/tmp/opshub-folders-\(name)", project: "t\(name)")
        try Folder.make(bench.layout.root)
        do {
            try await body(bench)
            try await bench.remove()
        } catch {
            try await bench.remove()
            throw error
        }
    }

    private func remove() async throws {
        try Folder.remove(layout.root)
        for purpose in AccountName.Purpose.allCases {
            for key in [environment, other] {
                try await UnprivilegedAccount().remove(AccountName(key, purpose))
            }
        }
    }

    /// Another environment of the same project.
    var other: EnvironmentKey { EnvironmentKey(environment.project, EnvironmentName("other")) }

    /// The folder `uploads` as a deployment asks for it.
    func specification(in key: EnvironmentKey? = nil) -> AccessorySpecification {
        AccessorySpecification(
            environment: key ?? environment,
            manifest: AccessoryManifest(
                name: AccessoryName("uploads"),
                kind: .folder(variable: "UPLOADS_PATH"),
                database: "",
            ),
            port: 0,
        )
    }

    /// The same, as backups know it.
    func target(in key: EnvironmentKey? = nil) -> DatabaseTarget {
        let specification = specification(in: key)
        // Folders have one.
        return DatabaseTarget(specification.environment, specification.manifest)
            ?? DatabaseTarget(specification.environment, specification.manifest.name, "")
    }

    /// Where it lies.
    func place(in key: EnvironmentKey? = nil) -> FolderPlace { FolderPlace(target(in: key), in: layout) }

    /// Makes it, and lets services run a script in it.
    func make(_ script: String = "true", in key: EnvironmentKey? = nil) async throws {
        _ = try await accessories.ensure(specification(in: key))
        try await run(script, in: place(in: key).files, of: key)
    }

    /// Runs a script as an account of an environment, and returns what it said.
    @discardableResult
    func run(
        _ script: String,
        in folder: String,
        of key: EnvironmentKey? = nil,
        as purpose: AccountName.Purpose = .services,
    ) async throws -> String {
        let user = try await UnprivilegedAccount().ensure(AccountName(key ?? environment, purpose))
        return try await ProgramRunner().run(Program("bash", ["-ec", script], in: folder, as: user))
            .checked(doing: "a script of a test").output
    }

    /// A written backup of it.
    func create() async throws -> Backup {
        try await backups.create(target(), because: .command(by: "a test"))
    }

    /// What is in a folder, by name.
    func names(_ folder: String) throws -> [String] { try Folder.names(in: folder) }
}
