// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// Keeps a project's data safe while it is deployed.
public protocol DatabaseSafety: Sendable {
    /// Schema changes that the built release has and its database has not, in the order of application. Reads only.
    func pendingMigrations(_ target: MigrationTarget) async throws -> [PendingMigration]

    /// What each of these changes would mean: found out by applying them to an empty copy of the schema, on a server of its
    /// own. Changes nothing that anybody uses.
    ///
    /// - Parameters:
    ///   - target: Which release and database.
    ///   - migrations: The changes.
    ///   - verifying: Whether each is taken down and up again as well, on an empty server; then one of which that can't be done
    ///     is not verified.
    /// - Returns: One for each, in their order.
    /// - Throws: Why it can't be found out.
    func verdicts(
        _ target: MigrationTarget,
        on migrations: [PendingMigration],
        verifying: Bool,
    ) async throws -> [MigrationVerdict]

    /// Applies exactly these changes, and no others that may have appeared. Idempotent: what is applied already is left.
    ///
    /// - Throws: `migration-failed` with the revision, the database's words, and where the schema is now.
    func migrate(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws

    /// Which changes have to be taken back so that the schema is at these revisions, the first to go first. Reads only.
    ///
    /// - Throws: `not-found` for a revision that is not applied; `conflict` when that can't be done change by change.
    func wayBack(_ target: MigrationTarget, to revisions: [String]) async throws -> [PendingMigration]

    /// What speaks against taking these back, and what would be gone with them: each is applied, taken back and applied again on an
    /// empty server of its own. Changes nothing that anybody uses.
    ///
    /// - Returns: One sentence each; no objections when all of them go back wholly, no losses when nothing is in what goes.
    /// - Throws: Why it can't be found out.
    func proof(
        _ target: MigrationTarget,
        ofReverting migrations: [PendingMigration],
    ) async throws -> (objections: [String], losses: [String])

    /// Takes exactly these changes back, in this order. Idempotent: what is not applied any more is left.
    ///
    /// - Throws: `migration-failed` with the revision, the database's words, and where the schema is now.
    func revert(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws

    /// Applies again what was taken back, whatever else is pending. Idempotent.
    ///
    /// - Throws: As ``migrate(_:_:onLine:)``.
    func reapply(
        _ target: MigrationTarget,
        _ migrations: [PendingMigration],
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws

    /// Copies the database for a deployment. Idempotent: one good copy for each deployment; half of one is made again.
    ///
    /// One that is older than the order is another deployment's of that name, of a home that has begun anew.
    ///
    /// - Returns: The copy's name and size, to be drilled.
    func backUp(
        _ accessory: AccessorySpecification,
        for deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt

    /// Copies the database once more, before what a deployment has applied is taken back and what was written since goes with it.
    /// Idempotent, as ``backUp(_:for:since:)``.
    func backUpBeforeReturn(
        _ accessory: AccessorySpecification,
        of deployment: DeploymentID,
        since requested: Date,
    ) async throws -> BackupReceipt

    /// Restores the copy beside the original and compares; only after this it counts.
    ///
    /// - Returns: What was compared, in one sentence.
    /// - Throws: `backup-failed` with every difference.
    func drill(_ backup: BackupReceipt, of accessory: AccessorySpecification) async throws -> String
}

/// The release and database that migrations are about.
public struct MigrationTarget: Sendable, Hashable {
    /// The release, with its manifest.
    public var release: Release
    /// The release's folder, built.
    public var folder: String
    /// The database.
    public var database: DatabaseAddress
    /// Variables of the service that migrations belong to.
    public var variables: [String: Secret]
    /// The release that serves meanwhile, and must bear what they change; nil when none does.
    public var outgoing: ReleaseID?
    /// The last deployment there that may have run anything else than that.
    public var outgoingSince: DeploymentID?
    /// Whether somebody only asks what would be: then nothing that is under way makes room.
    public var isPreview = false

    /// Describes a target.
    public init(
        release: Release,
        folder: String,
        database: DatabaseAddress,
        variables: [String: Secret],
        outgoing: ReleaseID?,
        outgoingSince: DeploymentID?,
    ) {
        self.outgoingSince = outgoingSince
        self.release = release
        self.folder = folder
        self.database = database
        self.variables = variables
        self.outgoing = outgoing
    }
}

/// A copy that has been written and not yet proven.
public struct BackupReceipt: Sendable, Hashable, Codable {
    /// The backup's name: `b7`.
    public var id: String
    /// What was copied.
    public var accessory: AccessoryName
    /// Its size on disk.
    public var size: ByteCount

    /// Describes a copy.
    public init(id: String, accessory: AccessoryName, size: ByteCount) {
        self.id = id
        self.accessory = accessory
        self.size = size
    }
}
