// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery

/// What the HTTP faces need of the rest, handed down by the composition root.
public struct ControlPlane: Sendable {
    /// Takes orders.
    public var engine: DeliveryEngine
    /// The outside world, for looking at it.
    public var ports: DeliveryPorts
    /// What the installation decides.
    public var settings: DeliverySettings
    /// Wakes followers of journals.
    public var feed: JournalFeed
    /// The one token of this installation.
    public var token: Secret
    /// Throws unless the state database answers a real query.
    public var pingDatabase: @Sendable () async throws -> Void
    /// Backups of an environment, and new ones.
    public var backups: any BackupDesk
    /// Stores that copies of backups go to.
    public var stores: any StoreDesk
    /// Restores into databases that serve.
    public var restores: any RestoreDesk
    /// Migrations, and what they do.
    public var migrations: any MigrationDesk
    /// Where this control plane answers: `http://127.0.0.1:4000`.
    public var url: String

    /// Puts everything together.
    public init(
        engine: DeliveryEngine,
        ports: DeliveryPorts,
        settings: DeliverySettings,
        feed: JournalFeed,
        token: Secret,
        pingDatabase: @escaping @Sendable () async throws -> Void,
        backups: any BackupDesk,
        stores: any StoreDesk,
        restores: any RestoreDesk,
        migrations: any MigrationDesk,
        url: String,
    ) {
        self.engine = engine
        self.ports = ports
        self.settings = settings
        self.feed = feed
        self.token = token
        self.pingDatabase = pingDatabase
        self.backups = backups
        self.stores = stores
        self.restores = restores
        self.migrations = migrations
        self.url = url
    }
}
