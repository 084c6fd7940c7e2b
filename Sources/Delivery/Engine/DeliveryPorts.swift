// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Reads `opshub.yml`: its bytes, the environment whose compose files are read (all of them when nil), and how other files of
/// the same commit are found.
public typealias ManifestReader =
    @Sendable ([UInt8], EnvironmentName?, (String) async throws -> [UInt8]?) async throws -> ProjectManifest

/// Everything of the outside world that deployments need, handed down by the composition root.
public struct DeliveryPorts: Sendable {
    /// Git repositories.
    public var sources: any SourceRepository
    /// The remotes that they follow.
    public var remotes: any SourceRemotes
    /// Build, test and migration commands.
    public var builds: any BuildRunner
    /// Images of containers.
    public var images: any ContainerImages
    /// Service instances.
    public var services: any ServiceRuntime
    /// Databases and other stateful companions.
    public var accessories: any AccessoryRuntime
    /// Backups, drills and migrations.
    public var database: any DatabaseSafety
    /// Restores into databases that serve.
    public var restores: any DatabaseRestores
    /// The edge.
    public var router: any TrafficRouter
    /// HTTP requests.
    public var prober: any Prober
    /// The machine.
    public var host: any HostInspector
    /// Where everything is written down.
    public var ledger: any DeliveryLedger
    /// Where it is read.
    public var records: any DeliveryRecords
    /// Who has which role.
    public var people: any PeopleRegister
    /// Who may act on an environment.
    public var locks: any EnvironmentLocks
    /// The time.
    public var time: any TimeSource
    /// SHA-256, in hexadecimal.
    public var digest: @Sendable ([UInt8]) -> String
    /// The bytes of `opshub.yml` as values, as an environment sees them; throws `invalid-manifest` with every mistake.
    public var readManifest: ManifestReader

    /// Puts the ports together.
    public init(
        sources: any SourceRepository,
        remotes: any SourceRemotes,
        builds: any BuildRunner,
        images: any ContainerImages,
        services: any ServiceRuntime,
        accessories: any AccessoryRuntime,
        database: any DatabaseSafety,
        restores: any DatabaseRestores,
        router: any TrafficRouter,
        prober: any Prober,
        host: any HostInspector,
        ledger: any DeliveryLedger,
        records: any DeliveryRecords,
        people: any PeopleRegister,
        locks: any EnvironmentLocks,
        time: any TimeSource,
        digest: @escaping @Sendable ([UInt8]) -> String,
        readManifest: @escaping ManifestReader,
    ) {
        self.sources = sources
        self.remotes = remotes
        self.builds = builds
        self.images = images
        self.services = services
        self.accessories = accessories
        self.database = database
        self.restores = restores
        self.router = router
        self.prober = prober
        self.host = host
        self.ledger = ledger
        self.records = records
        self.people = people
        self.locks = locks
        self.time = time
        self.digest = digest
        self.readManifest = readManifest
    }
}
