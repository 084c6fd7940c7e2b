// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import TestSupport
import Testing

/// Who may write: the leases of every ledger.
@Suite("A ledger's lease")
struct LeaseContractTests {
    private static let key = Sample.production
    private static let noon = Date(timeIntervalSince1970: 1_800_000_000)

    @Test("is worth nothing as soon as its holder has claimed again", arguments: Books.Kind.allCases)
    func takesOver(kind: Books.Kind) async throws {
        try await kind.use { books in
            let first = try await books.ledger.claim(Self.key)
            _ = try await books.ledger.commit(Sample.change(1), lease: first)
            let second = try await books.ledger.claim(Self.key)
            #expect(second.token > first.token)
            _ = try await books.ledger.commit(Sample.change(2), lease: second)
            await Self.expect(.staleLease) { try await books.ledger.commit(Sample.change(3), lease: first) }
            await Self.expect(.staleLease) {
                try await books.ledger.tell(.resumed, of: DeploymentID("d1"), at: Sample.time, lease: first)
            }
            await Self.expect(.staleLease) { try await books.ledger.renew(first, until: .distantFuture) }
            _ = try await books.ledger.commit(Sample.change(4), lease: second)
        }
    }

    @Test(
        "keeps others out until it runs out, is given back or is not renewed",
        arguments: Books.Kind.allCases,
    )
    func keepsOut(kind: Books.Kind) async throws {
        try await kind.use { books in
            let own = try await Self.claim(books, "a", at: 0)
            await Self.expect(.leaseHeld) { try await Self.claim(books, "b", at: 14) }
            try await books.ledger.renew(own, until: Self.noon.addingTimeInterval(30))
            await Self.expect(.leaseHeld) { try await Self.claim(books, "b", at: 29) }
            let other = try await Self.claim(books, "b", at: 30)
            #expect(other.token == own.token + 1)
            await Self.expect(.leaseHeld) { try await Self.claim(books, "a", at: 31) }
            // What is stale has been given back: the one who has it now keeps it.
            try await books.ledger.release(own)
            await Self.expect(.leaseHeld) { try await Self.claim(books, "a", at: 32) }
            try await books.ledger.release(other)
            let again = try await Self.claim(books, "a", at: 33)
            #expect(again.token == other.token + 1)
            await Self.expect(.staleLease) { try await books.ledger.commit(Sample.change(1), lease: other) }
        }
    }

    @Test(
        "is of one environment: another one's is free, and can't be written with it",
        arguments: Books.Kind.allCases,
    )
    func ofOneEnvironment(kind: Books.Kind) async throws {
        try await kind.use { books in
            let own = try await Self.claim(books, "a", at: 0)
            let staging = try await books.ledger.claim(
                Sample.staging,
                for: "b",
                at: Self.noon,
                until: .distantFuture,
            )
            #expect(staging.token == 1)
            await Self.expect(.unexpected) {
                try await books.ledger.commit(Sample.change(1, of: Sample.staging), lease: own)
            }
            #expect(try await books.everything() == [])
        }
    }

    @Test("that is stale writes nothing, not a part of a change", arguments: Books.Kind.allCases)
    func writesNothing(kind: Books.Kind) async throws {
        try await kind.use { books in
            let old = try await books.ledger.claim(Self.key)
            _ = try await books.ledger.commit(Sample.change(1), lease: old)
            _ = try await books.ledger.claim(Self.key)
            let before = try await books.everything()
            var change = Sample.change(1)
            change.deployment?.machine = DeploymentMachine(phase: .ended(Verdict(outcome: .succeeded)))
            change.environment?.serving = nil
            change.release?.builtAt = nil
            let changed = change
            await Self.expect(.staleLease) { try await books.ledger.commit(changed, lease: old) }
            await Self.expect(.staleLease) { try await books.ledger.commit(Sample.change(9), lease: old) }
            await Self.expect(.staleLease) {
                try await books.ledger.tell(.resumed, of: DeploymentID("d1"), at: Sample.time, lease: old)
            }
            #expect(try await books.everything() == before)
            #expect(try await books.records.release(ReleaseID("r9")) == nil)
            #expect(try await books.records.deployment(DeploymentID("d9")) == nil)
        }
    }

    @Test("that nobody gave is refused", arguments: Books.Kind.allCases, [-1, 0, 2, 1000])
    func invented(kind: Books.Kind, token: Int) async throws {
        try await kind.use { books in
            var lease = try await books.ledger.claim(Self.key)
            lease.token = token
            let invented = lease
            await Self.expect(.staleLease) {
                try await books.ledger.commit(Sample.change(1), lease: invented)
            }
            #expect(try await books.everything() == [])
        }
    }

    @Test(
        "is given to each of many who take it at once, and only the last one's holds",
        arguments: Books.Kind.allCases,
    )
    func concurrently(kind: Books.Kind) async throws {
        try await kind.use { books in
            let leases = try await withThrowingTaskGroup { group in
                for number in 0..<50 {
                    group.addTask(name: "control plane \(number)") { try await books.ledger.claim(Self.key) }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.token < $1.token }
            }
            #expect(Set(leases).count == 50)
            for lease in leases.dropLast() {
                await Self.expect(.staleLease) {
                    try await books.ledger.commit(Sample.change(1), lease: lease)
                }
            }
            _ = try await books.ledger.commit(Sample.change(1), lease: try #require(leases.last))
        }
    }

    @Test(
        "is not needed for what nobody drives, and an order changes nothing else",
        arguments: Books.Kind.allCases,
    )
    func orders(kind: Books.Kind) async throws {
        try await kind.use { books in
            let lease = try await books.ledger.claim(Self.key)
            _ = try await books.ledger.order(Sample.change(1))
            let written = try await books.everything()
            var change = Sample.change(1)
            change.environment?.serving = nil
            change.release?.builtAt = nil
            change.journal = []
            _ = try await books.ledger.order(change)
            #expect(try await books.everything() == written)

            change.deployment?.machine = DeploymentMachine(
                phase: .performing(.preflight, next: [], progress: .init())
            )
            _ = try await books.ledger.commit(change, lease: lease)
            await Self.expect(.conflict) { try await books.ledger.order(Sample.change(1)) }
            change.deployment?.machine = DeploymentMachine(phase: .ended(Verdict(outcome: .succeeded)))
            change.deployment?.concludedAt = Sample.time
            _ = try await books.ledger.commit(change, lease: lease)
            let over = try await books.everything()
            let late = change
            await Self.expect(.conflict) { try await books.ledger.order(Sample.change(1)) }
            await Self.expect(.conflict) { try await books.ledger.commit(late, lease: lease) }
            #expect(try await books.everything() == over)
        }
    }

    private static func claim(_ books: Books, _ holder: String, at second: Double) async throws -> Lease {
        let now = noon.addingTimeInterval(second)
        return try await books.ledger.claim(key, for: holder, at: now, until: now.addingTimeInterval(15))
    }

    private static func expect(
        _ code: Failure.Code,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Any,
    ) async {
        do {
            _ = try await body()
            Issue.record("it was not refused", sourceLocation: sourceLocation)
        } catch {
            #expect((error as? Failure)?.code == code, sourceLocation: sourceLocation)
        }
    }
}
