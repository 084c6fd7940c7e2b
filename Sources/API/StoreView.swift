// SPDX-License-Identifier: Apache-2.0

/// A place elsewhere that copies of backups go to; its key is never shown.
public struct StoreView: Codable, Sendable, Hashable {
    /// Its name, as `opshub.yml` says it.
    public var name: String
    /// Its address; absent for Amazon's own.
    public var endpoint: String?
    /// Its region.
    public var region: String?
    /// Its bucket.
    public var bucket: String
    /// The folder within the bucket; empty for none.
    public var prefix: String
    /// The name of the key that is shown to it.
    public var accessKey: String
    /// Environments whose backups go there: `tracehub/production`.
    public var environments: [String]
    /// Whether copies can be removed there; absent when it was not tried just now.
    public var canRemove: Bool?

    /// Describes a store.
    public init(
        name: String,
        endpoint: String?,
        region: String?,
        bucket: String,
        prefix: String,
        accessKey: String,
        environments: [String],
        canRemove: Bool? = nil,
    ) {
        self.name = name
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.prefix = prefix
        self.accessKey = accessKey
        self.environments = environments
        self.canRemove = canRemove
    }
}

/// What a store has of one environment.
public struct StoreContentsView: Codable, Sendable, Hashable {
    /// Its copies, newest first.
    public var backups: [BackupView]
    /// Folders that hold no complete copy, and why.
    public var oddities: [String]

    /// Describes what was found.
    public init(backups: [BackupView], oddities: [String]) {
        self.backups = backups
        self.oddities = oddities
    }
}

/// Body of `POST /api/v1/stores`.
public struct StoreOrder: Codable, Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its address; Amazon's own when absent.
    public var endpoint: String?
    /// Its region; `us-east-1` when absent.
    public var region: String?
    /// Its bucket, which must be there.
    public var bucket: String
    /// The folder within the bucket; none when absent.
    public var prefix: String?
    /// The name of the key.
    public var accessKey: String
    /// The key.
    public var secretKey: String

    /// Describes an order.
    public init(
        name: String,
        endpoint: String? = nil,
        region: String? = nil,
        bucket: String,
        prefix: String? = nil,
        accessKey: String,
        secretKey: String,
    ) {
        self.name = name
        self.endpoint = endpoint
        self.region = region
        self.bucket = bucket
        self.prefix = prefix
        self.accessKey = accessKey
        self.secretKey = secretKey
    }
}

/// Body of `POST …/backups/fetch`.
public struct FetchOrder: Codable, Sendable, Hashable {
    /// The backup.
    public var backup: String
    /// The store that has it.
    public var store: String

    /// Describes an order.
    public init(backup: String, store: String) {
        self.backup = backup
        self.store = store
    }
}

/// Body of `POST /api/v1/backups/ID/verification`.
public struct VerificationOrder: Codable, Sendable, Hashable {
    /// Whether the copy in the store is proven instead of the one here; not when absent.
    public var offsite: Bool?

    /// Describes an order.
    public init(offsite: Bool? = nil) {
        self.offsite = offsite
    }
}
