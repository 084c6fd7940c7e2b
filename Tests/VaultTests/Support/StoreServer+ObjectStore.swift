// SPDX-License-Identifier: Apache-2.0
import Core
import TestSupport
import Vault

extension StoreServer {
    /// The store as somebody adds it.
    func store(bucket: String = bucket) throws -> ObjectStore {
        try ObjectStore(
            name: StoreName("spaces"),
            endpoint: endpoint,
            region: nil,
            bucket: bucket,
            prefix: "opshub/main",
            accessKey: Self.accessKey,
            secretKey: Secret(Self.secretKey),
        )
    }
}
