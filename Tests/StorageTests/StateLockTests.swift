// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import Testing

@testable import Storage

/// Somebody else writes.
@Suite("A state database that another process writes to")
struct StateLockTests {
    @Test("is said to be locked, can be read, and is free again afterwards")
    func locked() async throws {
        try await Scratch.use { scratch in
            let database = try StateDatabase(path: scratch.database, patience: .milliseconds(50))
            let books = Books(database)
            let lease = try await books.ledger.claim(Sample.production)
            _ = try await books.ledger.commit(Sample.change(1), lease: lease)
            let other = try OtherProcess(holding: scratch.database)
            let failure = try await #require(throws: Failure.self) {
                try await books.ledger.commit(Sample.change(2), lease: lease)
            }
            #expect(failure.code == .stateLocked)
            #expect(failure.isRetryable)
            #expect(failure.message.contains(scratch.database))
            #expect(failure.hint?.contains("fuser") == true)
            #expect(try await books.records.deployments(of: nil, limit: 9).map(\.id.rawValue) == ["d1"])
            try await database.ping()
            try other.end()
            _ = try await books.ledger.commit(Sample.change(2), lease: lease)
            #expect(try await books.records.deployments(of: nil, limit: 9).count == 2)
        }
    }

    @Test("is waited for while it is written to for a moment")
    func waits() async throws {
        try await Scratch.use { scratch in
            let books = Books(try StateDatabase(path: scratch.database, patience: .seconds(60)))
            let lease = try await books.ledger.claim(Sample.production)
            let other = try OtherProcess(holding: scratch.database)
            async let written = books.ledger.commit(Sample.change(1), lease: lease)
            try other.end()
            #expect(try await written.count == 2)
        }
    }

    @Test("can't be made while it is locked")
    func making() async throws {
        try await Scratch.use { scratch in
            try scratch.tamper("CREATE TABLE something (id INTEGER)")
            let other = try OtherProcess(holding: scratch.database)
            let failure = try #require(throws: Failure.self) {
                try StateDatabase(path: scratch.database, patience: .milliseconds(50))
            }
            #expect(failure.code == .stateLocked)
            try other.end()
            try await StateDatabase(path: scratch.database).ping()
        }
    }
}
