// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import Server

/// Who is woken, and when.
@Suite("The feed of journals")
struct JournalFeedTests {
    private static let (one, two) = (DeploymentID("d1"), DeploymentID("d2"))

    @Test("wakes everyone at once the first time, and then whenever their deployment has something new")
    func wakes() async throws {
        let feed = JournalFeed()
        var (first, second) = (
            feed.changes(of: Self.one).makeAsyncIterator(), feed.changes(of: Self.one).makeAsyncIterator(),
        )
        for _ in 0..<3 {
            #expect(await first.next() != nil)
            #expect(await second.next() != nil)
            feed.wake(Self.one)
        }
    }

    @Test("wakes nobody for another deployment")
    func others() async throws {
        let feed = JournalFeed()
        let changes = feed.changes(of: Self.one)
        let counted = Task(name: "follower") {
            var count = 0
            for await _ in changes { count += 1 }
            return count
        }
        feed.wake(Self.two)
        feed.wake(Self.two)
        // Ends the stream; what was woken until then was counted.
        counted.cancel()
        #expect(await counted.value <= 1)
    }

    @Test("forgets nothing that comes while a follower is busy, and keeps one reminder of it")
    func busy() async throws {
        let feed = JournalFeed()
        var changes = feed.changes(of: Self.one).makeAsyncIterator()
        #expect(await changes.next() != nil)
        for _ in 0..<1000 { feed.wake(Self.one) }
        #expect(await changes.next() != nil)
        feed.wake(Self.one)
        #expect(await changes.next() != nil)
    }

    @Test("may be woken when nobody follows, or nobody any more")
    func nobody() async throws {
        let feed = JournalFeed()
        feed.wake(Self.one)
        do {
            var changes = feed.changes(of: Self.one).makeAsyncIterator()
            #expect(await changes.next() != nil)
        }
        feed.wake(Self.one)
        var again = feed.changes(of: Self.one).makeAsyncIterator()
        #expect(await again.next() != nil)
    }
}
