// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Server

/// Stores of a world where there is one, and backups go to it.
struct ScriptedStoreDesk: StoreDesk {
    static let one = StoreView(
        name: "spaces",
        endpoint: "https://store.example.com",
        region: nil,
        bucket: "acme-backups",
        prefix: "",
        accessKey: "DO00",
        environments: ["tracehub/production"],
    )

    func stores() async throws -> [StoreView] { [Self.one] }

    func add(_ order: StoreOrder) async throws -> StoreView {
        guard order.secretKey == "secret" else { throw Failure(.unauthorized, "it does not let OpsHub in") }
        return Self.one
    }

    func check(_ name: StoreName) async throws -> StoreView {
        guard name.rawValue == Self.one.name else { throw Failure(.notFound, "there is no store \(name)") }
        return Self.one
    }

    func remove(_ name: StoreName) async throws -> StoreView {
        throw Failure(.conflict, "backups of tracehub/production go to store \(name)")
    }

    func contents(of name: StoreName, in environment: EnvironmentKey) async throws -> StoreContentsView {
        StoreContentsView(backups: [ScriptedBackupDesk.one], oddities: ["b9: there is no manifest"])
    }
}
