// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import FoundationEssentials
import GRDB
import Testing

@testable import Storage

/// Invariant 12: what can't be read is reported and stays as it is.
@Suite("A state database that is damaged")
struct StateDamageTests {
    @Test(
        "is refused when it is no database at all, and stays byte for byte",
        arguments: ["not a database", String(repeating: "x", count: 8192), "SQLite format 4\u{0}", "{}"],
    )
    func noDatabase(text: String) async throws {
        try await Scratch.use { scratch in
            try scratch.write(Array(text.utf8))
            try Self.expectRefusal(scratch)
        }
    }

    @Test("is refused when it was cut off", arguments: [20, 99, 512, 4096, 4097, 10_000])
    func truncated(bytes: Int) async throws {
        try await Scratch.use { scratch in
            try await Self.fill(scratch)
            let whole = try scratch.bytes()
            #expect(whole.count > 2 * bytes)
            try scratch.write(Array(whole.prefix(bytes)))
            try Self.expectRefusal(scratch)
        }
    }

    @Test("is refused when garbage stands in a page", arguments: [0, 1, 2, 3, 4, 5, 6, 7])
    func garbage(page: Int) async throws {
        try await Scratch.use { scratch in
            try await Self.fill(scratch)
            var bytes = try scratch.bytes()
            let size = Int(bytes[16]) << 8 | Int(bytes[17])
            #expect(size == 4096)
            for index in (page * size)..<((page + 1) * size) {
                bytes[index] = UInt8(truncatingIfNeeded: index &* 31)
            }
            try scratch.write(bytes)
            try Self.expectRefusal(scratch)
        }
    }

    /// Whoever repairs it needs the write-ahead log too.
    @Test("stays byte for byte also when its process was killed before")
    func garbageBesideALog() async throws {
        try await Scratch.use { scratch in
            try await Self.fill(scratch)
            let open = try StateDatabase(path: scratch.database)
            _ = try await Books(open).ledger.claim(Sample.production)
            try await Scratch.use { other in
                let log = try scratch.bytes("opshub.db-wal")
                // Frames of a header of 24 bytes, which begins with the page's number, and a page.
                let logged = stride(from: 32, to: log.count, by: 24 + 4096).map { Int(log[$0 + 3]) }
                let page = try #require((1...8).first { !logged.contains($0 + 1) })
                var bytes = try scratch.bytes()
                for index in (page * 4096)..<((page + 1) * 4096) { bytes[index] = 0xAA }
                try other.write(bytes)
                try other.write(log, to: "opshub.db-wal")
                try Self.expectRefusal(other)
                #expect(try other.bytes("opshub.db-wal") == log)
            }
            try await open.ping()
        }
    }

    @Test("is refused when a newer OpsHub wrote it, which says so")
    func newer() async throws {
        try await Scratch.use { scratch in
            try await Self.fill(scratch)
            try scratch.tamper("INSERT INTO grdb_migrations VALUES ('999 from the future')")
            let failure = try Self.expectRefusal(scratch)
            #expect(failure.message.contains("newer version of OpsHub"))
        }
    }

    /// The check on opening sees pages, not what stands in them.
    @Test(
        "says so when one value can't be read, and keeps it, and reads the others",
        arguments: ["", "{", "null", "{\"id\":\"d1\"}", "\u{0}"],
    )
    func oneValue(value: String) async throws {
        try await Scratch.use { scratch in
            try await Self.fill(scratch)
            try scratch.tamper("UPDATE deployment SET value = ? WHERE id = 'd1'", [Data(value.utf8)])
            try scratch.tamper("UPDATE journal SET value = ? WHERE deployment = 'd1'", [Data(value.utf8)])
            let books = try Books(scratch.database)
            let attempts: [() async throws -> Any] = [
                { try await books.records.deployment(DeploymentID("d1")) as Any },
                { try await books.records.deployments(of: nil, limit: 100) },
                { try await books.records.unfinishedDeployments() },
                { try await books.records.journal(of: DeploymentID("d1"), after: 0, limit: 9) },
            ]
            for attempt in attempts {
                let failure = try await #require(throws: Failure.self) { _ = try await attempt() }
                #expect(failure.code == .damagedState)
            }
            #expect(try await books.records.deployment(DeploymentID("d2")) == Sample.deployment(2))
            #expect(try await books.records.journal(of: DeploymentID("d2"), after: 0, limit: 9).count == 2)
            #expect(try scratch.count("SELECT count(*) FROM deployment WHERE id = 'd1'") == 1)
            #expect(try scratch.count("SELECT count(*) FROM journal WHERE deployment = 'd1'") == 2)
        }
    }

    @Test("does not answer a ping when its tables are gone")
    func ping() async throws {
        try await Scratch.use { scratch in
            let database = try StateDatabase(path: scratch.database)
            try await database.ping()
            try scratch.tamper("DROP TABLE environment")
            await #expect(throws: Failure.self) { try await database.ping() }
        }
    }

    @Test("can't be made in a folder that does not exist")
    func noFolder() async throws {
        try await Scratch.use { scratch in
            let failure = try #require(throws: Failure.self) {
                try StateDatabase(path: "\(scratch.folder.path)/missing/opshub.db")
            }
            #expect(failure.code == .unexpected)
            #expect(failure.message.contains("missing/opshub.db"))
        }
    }

    @discardableResult
    private static func expectRefusal(
        _ scratch: Scratch,
        sourceLocation: SourceLocation = #_sourceLocation,
    ) throws -> Failure {
        let before = try scratch.bytes()
        let failure = try #require(throws: Failure.self, sourceLocation: sourceLocation) {
            try StateDatabase(path: scratch.database)
        }
        #expect(failure.code == .damagedState, sourceLocation: sourceLocation)
        #expect(failure.message.contains(scratch.database), sourceLocation: sourceLocation)
        #expect(failure.hint != nil, sourceLocation: sourceLocation)
        #expect(try scratch.bytes() == before, sourceLocation: sourceLocation)
        return failure
    }

    private static func fill(_ scratch: Scratch) async throws {
        let books = try Books(scratch.database)
        let lease = try await books.ledger.claim(Sample.production)
        for number in 1...20 { _ = try await books.ledger.commit(Sample.change(number), lease: lease) }
    }
}
