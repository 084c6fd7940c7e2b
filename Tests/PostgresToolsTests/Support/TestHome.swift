// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Manifest

@testable import PostgresTools

/// A home below `/tmp` with one environment of its own, and the accessories that a test starts in it.
struct TestHome: Sendable {
    /// Its folders.
    let layout: HomeLayout
    /// Its environment; no other home has it, and so no other has its accounts.
    let environment: EnvironmentKey
    /// What starts servers in it.
    let accessories: PostgresAccessories

    /// Makes the folder.
    init(suffix: String = "") throws {
        let name = String((0..<8).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
        self.init(root: "\(Leftovers.prefix)\(name)\(suffix)", project: "t\(name)")
        try Folder.make(layout.root, mode: 0o755)
        try Leftovers.mark(self)
    }

    /// A home that is there already.
    init(root: String, project: String) {
        layout = HomeLayout(root: root)
        environment = EnvironmentKey(ProjectName(project), EnvironmentName("test"))
        accessories = PostgresAccessories(layout: layout, patience: .seconds(60))
    }

    /// An accessory of this home on a port that is free now.
    func accessory(
        _ name: String = "db",
        database: String = "tracehub",
        major: Int = 15,
        port: Int? = nil,
        archive: AccessoryManifest.Archive? = nil,
    ) throws -> AccessorySpecification {
        AccessorySpecification(
            environment: environment,
            manifest: AccessoryManifest(
                name: AccessoryName(name),
                kind: .postgres(major: major),
                database: database,
                archive: archive,
            ),
            port: try port ?? TestPorts.next(),
        )
    }

    /// The folders of an accessory.
    func folder(_ accessory: AccessorySpecification) -> ClusterFolder {
        ClusterFolder(accessory.manifest.name, of: environment, in: layout)
    }

    /// The account that owns this home's data.
    var dataAccount: AccountName { AccountName(environment, .data) }

    /// Ends everything that runs in this home and removes every trace of it.
    func remove() async throws {
        let folder = "\(layout.environment(environment))/accessories"
        for name in try Folder.names(in: folder) {
            for service in ["service", "receiver/service"] {
                try await Supervisor().stop("\(folder)/\(name)/\(service)", timeout: .seconds(10))
            }
            try Folder.remove(SocketFolder("\(folder)/\(name)/run").path)
        }
        try Folder.remove(layout.root)
        for purpose in AccountName.Purpose.allCases {
            try await UnprivilegedAccount().remove(AccountName(environment, purpose))
        }
    }

    /// Makes a home, and removes it whatever happens.
    static func with<Result: Sendable>(
        suffix: String = "",
        body: (TestHome) async throws -> Result,
    ) async throws -> Result {
        try await Leftovers.remove()
        let home = try TestHome(suffix: suffix)
        do {
            let result = try await body(home)
            try await home.remove()
            return result
        } catch {
            try await home.remove()
            throw error
        }
    }
}
