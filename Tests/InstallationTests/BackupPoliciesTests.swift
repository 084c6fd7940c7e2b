// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import Manifest
import Testing

@testable import Delivery
@testable import opshub

/// What these answer wrongly, pruning deletes.
@Suite("What deployments rely on of backups and databases that were kept")
struct BackupPoliciesTests {
    private static let key = EnvironmentKey(ProjectName("shop"), EnvironmentName("production"))
    private static let other = EnvironmentKey(ProjectName("shop"), EnvironmentName("staging"))
    private static let time = Date(timeIntervalSince1970: 1_800_000_000)

    private static func deployment(
        _ number: Int,
        of key: EnvironmentKey = key,
        release: Int? = nil,
        backup: String? = nil,
        restoring source: Restoration.Source? = nil,
        endedAfter seconds: Double? = nil,
    ) -> Deployment {
        var deployment = Deployment(
            id: DeploymentID("d\(number)"),
            environment: key,
            kind: source == nil ? .release : .restore,
            release: ReleaseID("r\(release ?? number)"),
            requester: Requester(name: "ada", channel: .command),
            requestedAt: time,
        )
        if let backup {
            deployment.backups = [
                BackupReceipt(id: backup, accessory: AccessoryName("db"), size: ByteCount(1))
            ]
        }
        if let source {
            deployment.restoration = Restoration(source: source, accessory: AccessoryName("db"), asOf: time)
            deployment.restoration?.order = "d\(number)_x"
        }
        deployment.concludedAt = seconds.map { time + $0 }
        return deployment
    }

    private static func release(_ number: Int, isRetired: Bool = false) -> Release {
        var release = Release(
            id: ReleaseID("r\(number)"),
            environment: key,
            commit: Commit(id: CommitID("\(number)"), subject: "", author: "", committedAt: time),
            manifest: ProjectManifest(project: ProjectName("shop"), services: []),
            createdAt: time,
        )
        if isRetired { release.retiredAt = time }
        return release
    }

    @Test(
        "A backup is wanted by a deployment that is under way, and by one whose release can still be started"
    )
    func inUse() async throws {
        let records = FixedRecords(
            deployments: [
                Self.deployment(1, backup: "b1", endedAfter: 9),
                Self.deployment(2, backup: "b2", endedAfter: 9),
                Self.deployment(3, backup: "b3"),
                Self.deployment(4, release: 9, backup: "b4", endedAfter: 9),
                Self.deployment(5, of: Self.other, backup: "b5"),
            ],
            releases: [
                Self.release(1, isRetired: true), Self.release(2), Self.release(3, isRetired: true),
            ],
        )
        let found = try await BackupPolicies(records: records).inUse(in: Self.key)
        #expect(found.map(\.rawValue).sorted() == ["b2", "b3"])
    }

    @Test(
        "A backup is wanted by a restore that is under way, of whichever environment, and by none that is over"
    )
    func restoring() async throws {
        let records = FixedRecords(
            deployments: [
                Self.deployment(1, of: Self.other, restoring: .backup("b1")),
                Self.deployment(2, restoring: .backup("b2"), endedAfter: 9),
                Self.deployment(3, restoring: .kept(by: DeploymentID("d2"), as: "d2_x")),
            ]
        )
        let found = try await BackupPolicies(records: records).inUse(in: Self.key)
        #expect(found.map(\.rawValue) == ["b1"])
    }

    @Test(
        "A copy is needed until its restore is over, and a database that was replaced until its time has run out"
    )
    func kept() async throws {
        let policies = BackupPolicies(
            records: FixedRecords(
                deployments: [
                    Self.deployment(1, restoring: .backup("b1")),
                    Self.deployment(2, restoring: .backup("b1"), endedAfter: 100),
                ]
            )
        )
        func needs(_ order: String, isKept: Bool, after seconds: Double) async throws -> Bool {
            try await policies.needs(order, isKept: isKept, for: .seconds(60)) { Self.time + seconds }
        }
        #expect(try await needs("d1_x", isKept: false, after: 1e9))
        #expect(try await needs("d1_x", isKept: true, after: 1e9))
        #expect(try await !needs("d2_x", isKept: false, after: 101))
        #expect(try await needs("d2_x", isKept: true, after: 159))
        #expect(try await !needs("d2_x", isKept: true, after: 160))
        // What nobody knows: another home's, or that of a deployment with the same name.
        #expect(try await needs("d3_x", isKept: true, after: 1e9))
        #expect(try await needs("d2_y", isKept: true, after: 1e9))
        #expect(try await needs("", isKept: false, after: 1e9))
    }

    @Test("A database that was replaced is needed by whoever is taking it back, however long it was kept")
    func takenBack() async throws {
        let policies = BackupPolicies(
            records: FixedRecords(
                deployments: [
                    Self.deployment(1, restoring: .backup("b1"), endedAfter: 100),
                    Self.deployment(2, restoring: .kept(by: DeploymentID("d1"), as: "d1_x")),
                ]
            )
        )
        #expect(try await policies.needs("d1_x", isKept: true, for: .seconds(60)) { Self.time + 1e9 })
    }
}

/// What has happened so far, and nothing more.
private struct FixedRecords: DeliveryRecords {
    var deployments: [Deployment]
    var releases: [Release] = []

    func deployment(_ id: DeploymentID) async throws -> Deployment? { deployments.first { $0.id == id } }

    func deployments(of environment: EnvironmentKey?, limit: Int) async throws -> [Deployment] {
        deployments.filter { environment == nil || $0.environment == environment }
    }

    func unfinishedDeployments() async throws -> [Deployment] { deployments.filter { $0.concludedAt == nil } }
    func journal(of deployment: DeploymentID, after sequence: Int, limit: Int) async throws -> [JournalEntry]
    {
        []
    }
    func release(_ id: ReleaseID) async throws -> Release? { releases.first { $0.id == id } }
    func releases(of environment: EnvironmentKey, limit: Int) async throws -> [Release] { releases }
    func environment(_ key: EnvironmentKey) async throws -> EnvironmentRecord? { nil }
    func environments() async throws -> [EnvironmentRecord] { [] }
}
