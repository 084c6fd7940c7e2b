// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import FoundationEssentials
import Testing

/// What everyone who reads may count on.
@Suite("Records")
struct RecordsContractTests {
    @Test("have nothing of what does not exist", arguments: Books.Kind.allCases)
    func nothing(kind: Books.Kind) async throws {
        try await kind.use { books in
            #expect(try await books.records.deployment(DeploymentID("d1")) == nil)
            for key in [nil, Sample.production] {
                let deployments = try await books.records.deployments(of: key, limit: 10)
                #expect(deployments == [])
            }
            #expect(try await books.records.unfinishedDeployments() == [])
            #expect(try await books.records.journal(of: DeploymentID("d1"), after: 0, limit: 10) == [])
            #expect(try await books.records.release(ReleaseID("r1")) == nil)
            #expect(try await books.records.releases(of: Sample.production, limit: 10) == [])
            #expect(try await books.records.environment(Sample.production) == nil)
            #expect(try await books.records.environments() == [])
        }
    }

    @Test(
        "list deployments and releases newest first, by number and not by text",
        arguments: Books.Kind.allCases,
    )
    func newestFirst(kind: Books.Kind) async throws {
        try await kind.use { books in
            for number in [9, 2, 10, 1, 100] {
                try await books.ledger.write(Sample.change(number))
            }
            for number in [3, 11] {
                try await books.ledger.write(Sample.change(number, of: Sample.staging))
            }
            let (records, production) = (books.records, Sample.production)
            let all = try await records.deployments(of: nil, limit: 100).map(\.id.rawValue)
            #expect(all == ["d100", "d11", "d10", "d9", "d3", "d2", "d1"])
            let own = try await records.deployments(of: production, limit: 100).map(\.id.rawValue)
            #expect(own == ["d100", "d10", "d9", "d2", "d1"])
            #expect(
                try await records.deployments(of: production, limit: 2).map(\.id.rawValue) == ["d100", "d10"]
            )
            #expect(try await records.deployments(of: nil, limit: 0) == [])
            let releases = try await records.releases(of: production, limit: 3).map(\.id.rawValue)
            #expect(releases == ["r100", "r10", "r9"])
            #expect(
                try await records.releases(of: Sample.staging, limit: 100).map(\.id.rawValue) == [
                    "r11", "r3",
                ]
            )
        }
    }

    @Test("list what is unfinished oldest first", arguments: Books.Kind.allCases)
    func unfinished(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            for number in [10, 2, 9, 1] {
                let deployment = Sample.deployment(number, isOver: number == 2)
                _ = try await books.ledger.commit(
                    DeliveryChange(deployment: deployment, at: Sample.time),
                    lease: lease,
                )
            }
            let ids = try await books.records.unfinishedDeployments().map(\.id.rawValue)
            #expect(ids == ["d1", "d9", "d10"])
        }
    }

    @Test("list environments in the order of their keys", arguments: Books.Kind.allCases)
    func environments(kind: Books.Kind) async throws {
        try await kind.use { books in
            let keys = [
                Sample.key("shop-b", "main"), Sample.key("shop", "staging"),
                Sample.key("shop", "production"),
                Sample.key("shop2", "main"), Sample.key("blog", "main"),
            ]
            for key in keys {
                try await books.ledger.write(
                    DeliveryChange(environment: EnvironmentRecord(key: key), at: Sample.time)
                )
            }
            #expect(try await books.records.environments().map(\.key) == keys.sorted())
        }
    }

    @Test("give a journal after a line, oldest first", arguments: Books.Kind.allCases)
    func journal(kind: Books.Kind) async throws {
        try await kind.use { books in
            let (lease, id) = (try await books.ledger.claim(Sample.production), DeploymentID("d1"))
            for number in 1...12 {
                let at = Sample.time.addingTimeInterval(Double(-number))
                try await books.ledger.tell(.note(.build, "\(number)"), of: id, at: at, lease: lease)
            }
            let records = books.records
            #expect(
                try await records.journal(of: id, after: 0, limit: 5).map(\.sequence) == [1, 2, 3, 4, 5]
            )
            #expect(try await records.journal(of: id, after: 10, limit: 5).map(\.sequence) == [11, 12])
            #expect(try await records.journal(of: id, after: 12, limit: 5) == [])
            #expect(try await records.journal(of: id, after: 99, limit: 5) == [])
            let last = try #require(try await records.journal(of: id, after: 11, limit: 1).first)
            #expect(last.event == .note(.build, "12"))
            #expect(last.at == Sample.time.addingTimeInterval(-12))
        }
    }

    @Test("give back a deployment in every phase", arguments: Books.Kind.allCases, SamplePhase.all)
    func phases(kind: Books.Kind, sample: SamplePhase) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            var full = Sample.deployment(1)
            full.machine = DeploymentMachine(phase: sample.phase)
            full.kind = .rollback
            full.slot = .green
            full.outgoing = Placement(release: ReleaseID("r1"), slot: .blue, since: Sample.time)
            full.plan = Sample.plan
            full.approvalAskedAt = Sample.time
            full.approvals = [
                Approval(
                    by: "Ada",
                    at: Sample.time,
                    digest: Sample.digest,
                    from: "127.0.0.1",
                    comment: "fine",
                ),
                Approval(by: "Bea", at: Sample.time, digest: Sample.digest),
            ]
            full.backups = [
                BackupReceipt(id: "b7", accessory: AccessoryName("db"), size: ByteCount(1 << 40))
            ]
            full.trafficBefore = TrafficCounters(
                epoch: "Pid: 7",
                slots: [.blue: .init(served: 9, failed: 1)],
            )
            full.traffic = [.blue: .init(served: 9, failed: 1), .green: .init()]
            full.begunAt = Sample.time
            full.concludedAt = Sample.time.addingTimeInterval(0.1)
            var bare = Sample.deployment(2)
            bare.machine = DeploymentMachine(phase: sample.phase)
            for deployment in [full, bare] {
                let change = DeliveryChange(deployment: deployment, at: Sample.time)
                _ = try await books.ledger.commit(change, lease: lease)
                #expect(try await books.records.deployment(deployment.id) == deployment)
            }
        }
    }

    @Test("give back a journal line of every kind", arguments: Books.Kind.allCases, SampleEvent.all)
    func events(kind: Books.Kind, sample: SampleEvent) async throws {
        try await kind.use { books in
            let (lease, id) = (try await books.ledger.claim(Sample.production), DeploymentID("d1"))
            try await books.ledger.tell(sample.event, of: id, at: Sample.time, lease: lease)
            let change = DeliveryChange(
                deployment: Sample.deployment(1),
                journal: [sample.event],
                at: Sample.time,
            )
            _ = try await books.ledger.commit(change, lease: lease)
            let expected = (1...2).map { JournalEntry(sequence: $0, at: Sample.time, event: sample.event) }
            #expect(try await books.records.journal(of: id, after: 0, limit: 10) == expected)
        }
    }

    @Test("give back releases and environments, full and bare", arguments: Books.Kind.allCases)
    func others(kind: Books.Kind) async throws {
        try await kind.use { books in
            for (release, record) in [
                (Sample.release(1), Sample.record()),
                (Sample.release(2, of: Sample.staging), EnvironmentRecord(key: Sample.staging)),
            ] {
                let change = DeliveryChange(release: release, environment: record, at: Sample.time)
                try await books.ledger.write(change)
                #expect(try await books.records.release(release.id) == release)
                #expect(try await books.records.environment(record.key) == record)
            }
        }
    }
}
