// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

/// Who may write: the fencing token of every ledger.
@Suite("A ledger's lease")
struct LeaseContractTests {
    @Test("is worth nothing as soon as another was taken", arguments: Books.Kind.allCases)
    func takesOver(kind: Books.Kind) async throws {
        try await kind.use { books in
            let first = try await books.ledger.takeLease()
            _ = try await books.ledger.commit(Sample.change(1), lease: first)
            let second = try await books.ledger.takeLease()
            #expect(second.token > first.token)
            _ = try await books.ledger.commit(Sample.change(2), lease: second)
            await Self.expectStale { try await books.ledger.commit(Sample.change(3), lease: first) }
            await Self.expectStale {
                try await books.ledger.tell(.resumed, of: DeploymentID("d1"), at: Sample.time, lease: first)
            }
            _ = try await books.ledger.commit(Sample.change(4), lease: second)
        }
    }

    @Test("that is stale writes nothing, not a part of a change", arguments: Books.Kind.allCases)
    func writesNothing(kind: Books.Kind) async throws {
        try await kind.use { books in
            let old = try await books.ledger.takeLease()
            _ = try await books.ledger.commit(Sample.change(1), lease: old)
            _ = try await books.ledger.takeLease()
            let before = try await books.everything()
            var change = Sample.change(1)
            change.deployment?.machine = DeploymentMachine(phase: .ended(Verdict(outcome: .succeeded)))
            change.environment?.serving = nil
            change.release?.builtAt = nil
            let changed = change
            await Self.expectStale { try await books.ledger.commit(changed, lease: old) }
            await Self.expectStale { try await books.ledger.commit(Sample.change(9), lease: old) }
            await Self.expectStale {
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
            _ = try await books.ledger.takeLease()
            await Self.expectStale {
                try await books.ledger.commit(Sample.change(1), lease: Lease(token: token))
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
                    group.addTask(name: "control plane \(number)") { try await books.ledger.takeLease() }
                }
                return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.token < $1.token }
            }
            #expect(Set(leases).count == 50)
            for lease in leases.dropLast() {
                await Self.expectStale { try await books.ledger.commit(Sample.change(1), lease: lease) }
            }
            _ = try await books.ledger.commit(Sample.change(1), lease: try #require(leases.last))
        }
    }

    private static func expectStale(
        sourceLocation: SourceLocation = #_sourceLocation,
        _ body: () async throws -> Any,
    ) async {
        do {
            _ = try await body()
            Issue.record("a stale lease was taken", sourceLocation: sourceLocation)
        } catch {
            #expect((error as? Failure)?.code == .staleLease, sourceLocation: sourceLocation)
        }
    }
}
