// SPDX-License-Identifier: Apache-2.0
import API
import Core
import DataSafety
import Delivery
import Server
import Vault

/// Stores as people speak of them.
struct StoreCounter: StoreDesk {
    private let register: ObjectStoreRegister
    private let places: RcloneStores
    private let policies: BackupPolicies

    init(layout: HomeLayout, policies: BackupPolicies) {
        register = ObjectStoreRegister(layout: layout)
        places = RcloneStores(layout: layout)
        self.policies = policies
    }

    func stores() async throws -> [StoreView] {
        var views: [StoreView] = []
        for store in try register.stores() { views.append(try await view(store)) }
        return views
    }

    func add(_ order: StoreOrder) async throws -> StoreView {
        let store = try ObjectStore(
            name: StoreName(order.name),
            endpoint: order.endpoint,
            region: order.region,
            bucket: order.bucket,
            prefix: order.prefix ?? "",
            accessKey: order.accessKey,
            secretKey: Secret(order.secretKey),
        )
        let canRemove = try await places.check(store)
        try register.add(store)
        return try await view(store, canRemove: canRemove)
    }

    func check(_ name: StoreName) async throws -> StoreView {
        let store = try known(name)
        return try await view(store, canRemove: try await places.check(store))
    }

    func remove(_ name: StoreName) async throws -> StoreView {
        let view = try await view(try known(name))
        guard view.environments.isEmpty else {
            throw Failure(
                .conflict,
                "backups of \(view.environments.joined(separator: ", ")) go to store \(name)",
                hint: "take offsite: \(name) out of opshub.yml first, and deploy",
            )
        }
        try register.remove(name)
        return view
    }

    func contents(of name: StoreName, in environment: EnvironmentKey) async throws -> StoreContentsView {
        _ = try known(name)
        let contents = try await places.contents(of: environment, in: name)
        return StoreContentsView(
            backups: contents.backups.map { BackupCounter.view($0) },
            oddities: contents.oddities.map { "\($0.folder): \($0.problem)" },
        )
    }

    private func known(_ name: StoreName) throws -> ObjectStore {
        guard let store = try register.store(name) else {
            throw Failure(
                .notFound,
                "there is no store \(name)",
                hint: "see which there are: opshub store list",
            )
        }
        return store
    }

    private func view(_ store: ObjectStore, canRemove: Bool? = nil) async throws -> StoreView {
        var environments: [String] = []
        for key in try await policies.environments()
        where try await policies.policy(of: key)?.offsite == store.name {
            environments.append("\(key)")
        }
        return StoreView(
            name: store.name.rawValue,
            endpoint: store.endpoint,
            region: store.region,
            bucket: store.bucket,
            prefix: store.prefix,
            accessKey: store.accessKey,
            environments: environments,
            canRemove: canRemove,
        )
    }
}
