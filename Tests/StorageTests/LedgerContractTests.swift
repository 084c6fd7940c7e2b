// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import FoundationEssentials
import Testing

/// What every ledger promises of numbers, changes and journals.
@Suite("A ledger")
struct LedgerContractTests {
    @Test("numbers each sequence from 1", arguments: Books.Kind.allCases)
    func numbers(kind: Books.Kind) async throws {
        try await kind.use { books in
            for sequence in NumberSequence.allCases {
                var given: [Int] = []
                for _ in 1...3 { given.append(try await books.ledger.number(sequence)) }
                #expect(given == [1, 2, 3])
            }
        }
    }

    @Test("never gives a number twice, to nobody", arguments: Books.Kind.allCases)
    func uniqueNumbers(kind: Books.Kind) async throws {
        try await kind.use { books in
            let numbers = try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask(name: "order \(number)") { try await books.ledger.number(.deployment) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...100))
        }
    }

    @Test("writes a change as it is", arguments: Books.Kind.allCases)
    func commits(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            let change = Sample.change(1)
            let written = try await books.ledger.commit(change, lease: lease)
            #expect(written.map(\.sequence) == [1, 2])
            #expect(written.map(\.event) == change.journal)
            #expect(try await books.records.release(ReleaseID("r1")) == change.release)
            #expect(try await books.records.deployment(DeploymentID("d1")) == change.deployment)
            #expect(try await books.records.environment(Sample.production) == change.environment)
            #expect(try await books.records.journal(of: DeploymentID("d1"), after: 0, limit: 10) == written)
        }
    }

    @Test("gives up no release that an unfinished deployment works with", arguments: Books.Kind.allCases)
    func retirement(kind: Books.Kind) async throws {
        try await kind.use { books in
            var waiting = Sample.deployment(2)
            waiting.machine = DeploymentMachine(phase: .queued)
            waiting.outgoing = nil
            try await books.ledger.order(
                DeliveryChange(release: Sample.release(2), deployment: waiting, at: Sample.time)
            )
            let lease = try await books.ledger.claim(Sample.production)
            for number in [1, 2] {
                var release = Sample.release(number)
                try await books.ledger.commit(
                    DeliveryChange(release: release, at: Sample.time),
                    lease: lease,
                )
                release.retiredAt = Sample.time
                let change = DeliveryChange(release: release, at: Sample.time)
                if number == 1 {
                    try await books.ledger.commit(change, lease: lease)
                } else {
                    let failure = await #expect(throws: Failure.self) {
                        try await books.ledger.commit(change, lease: lease)
                    }
                    #expect(failure?.code == .conflict)
                    let stored = try await books.records.release(release.id)
                    #expect(stored?.retiredAt == nil)
                }
            }
            // And nothing is asked for of one that was given up.
            var back = Sample.deployment(3)
            back.machine = DeploymentMachine(phase: .queued)
            back.release = ReleaseID("r1")
            let failure = await #expect(throws: Failure.self) {
                try await books.ledger.order(DeliveryChange(deployment: back, at: Sample.time))
            }
            #expect(failure?.hint?.hasPrefix("build it anew: opshub deploy") == true)
            let none = try await books.records.deployment(back.id)
            #expect(none == nil)
        }
    }

    @Test("lets healing take nobody's place", arguments: Books.Kind.allCases)
    func healing(kind: Books.Kind) async throws {
        try await kind.use { books in
            var deployments = (1...3).map { Sample.deployment($0) }
            for index in deployments.indices {
                deployments[index].machine = DeploymentMachine(phase: .queued)
                deployments[index].environment = index == 0 ? Sample.staging : Sample.production
                let channel: Requester.Channel = index == 1 ? .push : .healing
                deployments[index].requester = Requester(name: "x", channel: channel)
            }
            for (index, deployment) in deployments.enumerated() {
                let change = DeliveryChange(deployment: deployment, at: Sample.time)
                guard index == 2 else {
                    try await books.ledger.order(change)
                    continue
                }
                let failure = await #expect(throws: Failure.self) { try await books.ledger.order(change) }
                #expect(failure?.message.contains("d2 is under way") == true)
            }
            #expect(try await books.records.unfinishedDeployments().map(\.id.rawValue) == ["d1", "d2"])
        }
    }

    @Test(
        "puts what is new in the place of what was, and leaves what was not said",
        arguments: Books.Kind.allCases,
    )
    func replaces(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            _ = try await books.ledger.commit(Sample.change(1), lease: lease)
            var deployment = Sample.deployment(1)
            deployment.slot = .green
            deployment.concludedAt = Sample.time
            _ = try await books.ledger.commit(
                DeliveryChange(deployment: deployment, at: Sample.time),
                lease: lease,
            )
            #expect(try await books.records.deployment(DeploymentID("d1")) == deployment)
            #expect(try await books.records.deployments(of: nil, limit: 10) == [deployment])
            #expect(try await books.records.unfinishedDeployments() == [])
            #expect(try await books.records.release(ReleaseID("r1")) == Sample.release(1))
            #expect(try await books.records.environment(Sample.production) == Sample.record())
            #expect(try await books.records.journal(of: DeploymentID("d1"), after: 0, limit: 10).count == 2)
        }
    }

    @Test("writes a change that is about no deployment", arguments: Books.Kind.allCases)
    func withoutDeployment(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            let change = DeliveryChange(environment: Sample.record(), at: Sample.time)
            #expect(try await books.ledger.commit(change, lease: lease) == [])
            #expect(try await books.records.environments() == [Sample.record()])
        }
    }

    @Test("numbers a journal without gaps whoever writes to it", arguments: Books.Kind.allCases)
    func journalNumbers(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            try await withThrowingTaskGroup { group in
                for number in 1...2 {
                    for line in 0..<30 {
                        group.addTask(name: "line \(line)") {
                            try await books.ledger.tell(
                                .output(.build, "\(line)"),
                                of: DeploymentID("d\(number)"),
                                at: Sample.time,
                                lease: lease,
                            )
                        }
                    }
                    for _ in 0..<10 {
                        group.addTask(name: "change of d\(number)") {
                            _ = try await books.ledger.commit(Sample.change(number), lease: lease)
                        }
                    }
                }
                try await group.waitForAll()
            }
            for id in ["d1", "d2"] {
                let journal = try await books.records.journal(of: DeploymentID(id), after: 0, limit: 1000)
                #expect(journal.map(\.sequence) == Array(1...50))
                #expect(Set(journal.map(\.event)).count == 32)
            }
        }
    }

    @Test(
        "returns lines exactly as they are read later, whatever their moment",
        arguments: Books.Kind.allCases,
    )
    func moments(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Sample.production)
            var written: [JournalEntry] = []
            for number in 0..<50 {
                let at = Date(timeIntervalSinceReferenceDate: 800_000_000 + Double(number) * 0.123_456_789)
                let change = DeliveryChange(deployment: Sample.deployment(1), journal: [.resumed], at: at)
                let entries = try await books.ledger.commit(change, lease: lease)
                for entry in entries { #expect(abs(entry.at.timeIntervalSince(at)) < 0.000_001) }
                written += entries
            }
            #expect(try await books.records.journal(of: DeploymentID("d1"), after: 0, limit: 100) == written)
        }
    }
}
