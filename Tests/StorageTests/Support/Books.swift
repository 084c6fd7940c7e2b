// SPDX-License-Identifier: Apache-2.0
import Delivery
import Storage
import TestSupport
import Testing

/// A ledger, and records of what is written to it.
struct Books: Sendable {
    let ledger: any DeliveryLedger
    let records: any DeliveryRecords

    /// Every kind that must keep the contract.
    enum Kind: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case sqlite
        case inMemory

        var testDescription: String { rawValue }

        /// Runs `body` with empty books.
        func use(_ body: (Books) async throws -> Void) async throws {
            switch self {
            case .inMemory:
                let store = InMemoryDeliveryStore()
                try await body(Books(ledger: store, records: store))
            case .sqlite:
                try await Scratch.use { scratch in try await body(try Books(scratch.database)) }
            }
        }
    }

    init(ledger: any DeliveryLedger, records: any DeliveryRecords) {
        (self.ledger, self.records) = (ledger, records)
    }

    /// Books in a file.
    init(_ path: String) throws {
        self.init(try StateDatabase(path: path))
    }

    /// Books in an open database.
    init(_ database: StateDatabase) {
        self.init(ledger: SQLiteDeliveryLedger(database), records: SQLiteDeliveryRecords(database))
    }

    /// Everything that is written, to compare.
    func everything() async throws -> [String] {
        var all: [String] = []
        for record in try await records.environments() { all.append("\(record)") }
        for deployment in try await records.deployments(of: nil, limit: 1000) {
            all.append("\(deployment)")
            let journal = try await records.journal(of: deployment.id, after: 0, limit: 1000)
            all += journal.map { "\($0)" }
        }
        for record in try await records.environments() {
            all += try await records.releases(of: record.key, limit: 1000).map { "\($0)" }
        }
        return all
    }
}
