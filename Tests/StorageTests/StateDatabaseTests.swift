// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import Delivery
import Foundation
import Synchronization
import Testing

@testable import Storage

/// The file behind it all: what survives, and what it is when two use it.
@Suite("The state database")
struct StateDatabaseTests {
    @Test("has everything when it is opened again")
    func reopen() async throws {
        try await Scratch.use { scratch in
            let written = try await Self.fill(scratch.database)
            let books = try Books(scratch.database)
            #expect(try await books.everything() == written)
            #expect(try await books.ledger.number(.deployment) == 4)
            #expect(try await books.ledger.claim(Sample.production).token == 2)
        }
    }

    /// It holds every project's variables and output, in a home that service accounts may pass through.
    @Test(
        "is for its owner's eyes only, also one that an older version left open",
        arguments: [false, true],
    )
    func owner(isOld: Bool) async throws {
        try await Scratch.use { scratch in
            if isOld {
                _ = try await Self.fill(scratch.database)
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o644],
                    ofItemAtPath: scratch.database,
                )
            }
            let open = try StateDatabase(path: scratch.database)
            _ = try await Self.fill(open)
            for name in ["opshub.db", "opshub.db-wal"] {
                let path = scratch.folder.appending(component: name).path
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                #expect((mode as? NSNumber)?.intValue == 0o600, "\(name)")
            }
        }
    }

    /// A process that is killed leaves the file and its write-ahead log as they are.
    @Test("has everything that was committed before its process was killed")
    func killed() async throws {
        try await Scratch.use { scratch in
            let open = try StateDatabase(path: scratch.database)
            let written = try await Self.fill(open)
            let log = try scratch.bytes("opshub.db-wal")
            #expect(!log.isEmpty, "nothing would have to be recovered")
            try await Scratch.use { other in
                try other.write(try scratch.bytes())
                try other.write(log, to: "opshub.db-wal")
                #expect(try await Books(other.database).everything() == written)
            }
            try await open.ping()
        }
    }

    /// A power cut can end in the middle of a write.
    @Test("has every change up to a cut, and no part of one", arguments: [0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
    func torn(share: Double) async throws {
        try await Scratch.use { scratch in
            let open = try StateDatabase(path: scratch.database)
            let (file, books) = (try scratch.bytes(), Books(open))
            let lease = try await books.ledger.claim(Sample.production)
            for number in 1...20 { _ = try await books.ledger.commit(Sample.change(number), lease: lease) }
            let log = try scratch.bytes("opshub.db-wal")
            try await Scratch.use { other in
                try other.write(file)
                try other.write(Array(log.prefix(Int(Double(log.count) * share))), to: "opshub.db-wal")
                let left = try Books(other.database)
                let deployments = try await left.records.deployments(of: nil, limit: 100)
                #expect(deployments.count < 20)
                #expect(deployments.map(\.id.rawValue) == deployments.indices.reversed().map { "d\($0 + 1)" })
                for deployment in deployments {
                    #expect(try await left.records.release(deployment.release) != nil)
                    #expect(try await left.records.journal(of: deployment.id, after: 0, limit: 9).count == 2)
                }
                #expect(try await left.records.release(ReleaseID("r\(deployments.count + 1)")) == nil)
            }
            try await open.ping()
        }
    }

    @Test("gives every number once to two control planes that have it open")
    func twoProcesses() async throws {
        try await Scratch.use { scratch in
            let both = [try Books(scratch.database), try Books(scratch.database)]
            let numbers = try await withThrowingTaskGroup { group in
                for index in 0..<40 {
                    group.addTask(name: "order \(index)") {
                        try await both[index % 2].ledger.number(.release)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(numbers.sorted() == Array(1...40))
            let (first, second) = (
                try await both[0].ledger.claim(Sample.production),
                try await both[1].ledger.claim(Sample.production),
            )
            _ = try await both[1].ledger.commit(Sample.change(1), lease: second)
            let failure = try await #require(throws: Failure.self) {
                try await both[0].ledger.commit(Sample.change(2), lease: first)
            }
            #expect(failure.code == .staleLease)
            #expect(try await both[0].records.deployment(DeploymentID("d1")) == Sample.deployment(1))
        }
    }

    @Test("tells of journal lines only once they are written")
    func onJournal() async throws {
        try await Scratch.use { scratch in
            let told = Told()
            let database = try StateDatabase(path: scratch.database)
            let ledger = SQLiteDeliveryLedger(database) { told.add($0) }
            let lease = try await ledger.claim(Sample.production)
            _ = try await ledger.commit(Sample.change(1), lease: lease)
            try await ledger.tell(.resumed, of: DeploymentID("d2"), at: Sample.time, lease: lease)
            _ = try await ledger.commit(
                DeliveryChange(deployment: Sample.deployment(3), at: Sample.time),
                lease: lease,
            )
            _ = try await ledger.claim(Sample.production)
            await #expect(throws: Failure.self) { try await ledger.commit(Sample.change(4), lease: lease) }
            await #expect(throws: Failure.self) {
                try await ledger.tell(.resumed, of: DeploymentID("d5"), at: Sample.time, lease: lease)
            }
            #expect(told.ids == ["d1", "d2"])
        }
    }

    /// Who was told of.
    private final class Told: Sendable {
        private let list = Mutex<[String]>([])

        var ids: [String] { list.withLock { $0 } }

        func add(_ id: DeploymentID) {
            list.withLock { $0.append(id.rawValue) }
        }
    }

    private static func fill(_ path: String) async throws -> [String] {
        try await fill(try StateDatabase(path: path))
    }

    private static func fill(_ database: StateDatabase) async throws -> [String] {
        let books = Books(database)
        let lease = try await books.ledger.claim(Sample.production)
        for _ in 1...3 {
            let number = try await books.ledger.number(.deployment)
            _ = try await books.ledger.commit(Sample.change(number), lease: lease)
        }
        return try await books.everything()
    }
}
