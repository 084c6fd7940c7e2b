// SPDX-License-Identifier: Apache-2.0
import Manifest
import Core
import Delivery
import Synchronization

/// The commits of a run, and the schema that some of them bring.
final class SimulatedDatabase: Sendable {
    private struct State {
        var commits: [CommitID: CommitTraits] = [:]
        var applied: Set<String> = []
        var backups: [String: DeploymentID] = [:]
    }

    private let state = Mutex(State())

    /// A new commit.
    func commit(_ traits: CommitTraits) -> CommitID {
        state.withLock { state in
            let id = CommitID("c\(state.commits.count + 1)")
            state.commits[id] = traits
            return id
        }
    }

    func traits(of commit: CommitID) -> CommitTraits {
        state.withLock { $0.commits[commit] } ?? CommitTraits()
    }

    func pending(_ release: Release) -> [PendingMigration] {
        let revision = "m-\(release.commit.id)"
        let isPending = state.withLock { state in
            state.commits[release.commit.id]?.migrates == true && !state.applied.contains(revision)
        }
        return isPending ? [PendingMigration(revision: revision, title: "a change")] : []
    }

    func apply(_ migrations: [PendingMigration]) {
        state.withLock { $0.applied.formUnion(migrations.map(\.revision)) }
    }

    /// What a release has brought that is still there.
    func brought(by release: Release) -> [PendingMigration] {
        let revision = "m-\(release.commit.id)"
        let isThere = state.withLock { $0.applied.contains(revision) }
        return isThere ? [PendingMigration(revision: revision, title: "a change")] : []
    }

    func has(_ migration: PendingMigration) -> Bool {
        state.withLock { $0.applied.contains(migration.revision) }
    }

    /// Whether a migration is there, and among the files of a release: those of its own commit and of every earlier one.
    func has(_ migration: PendingMigration, in release: Release) -> Bool {
        let numbers = [migration.revision, release.commit.id.rawValue].map { Int($0.filter(\.isNumber)) ?? 0 }
        return has(migration) && numbers[0] <= numbers[1]
    }

    func revert(_ migrations: [PendingMigration]) {
        state.withLock { $0.applied.subtract(migrations.map(\.revision)) }
    }

    /// What every commit so far brings is there, whoever brought it.
    func applyAll() {
        state.withLock { state in state.applied.formUnion(state.commits.keys.map { "m-\($0)" }) }
    }

    /// One copy for each deployment.
    func backUp(_ accessory: AccessorySpecification, for deployment: DeploymentID) -> BackupReceipt {
        let name = accessory.manifest.name
        let id = "b-\(deployment)-\(name)"
        state.withLock { $0.backups[id] = deployment }
        return BackupReceipt(id: id, accessory: name, size: ByteCount(1))
    }

    /// The same, made once more before what it has applied is taken back.
    func backUpBeforeReturn(
        _ accessory: AccessorySpecification,
        of deployment: DeploymentID,
    ) -> BackupReceipt {
        let name = accessory.manifest.name
        return BackupReceipt(id: "b-\(deployment)-\(name)-return", accessory: name, size: ByteCount(1))
    }

    /// The deployment that a copy was made for.
    func deployment(of backup: String) -> DeploymentID? { state.withLock { $0.backups[backup] } }
}
