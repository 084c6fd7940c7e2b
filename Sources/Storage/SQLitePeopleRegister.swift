// SPDX-License-Identifier: Apache-2.0
import Core
public import Delivery
import GRDB

/// Who has which role, in the embedded state database.
public struct SQLitePeopleRegister: PeopleRegister {
    private let database: StateDatabase

    /// A register in an open database.
    public init(_ database: StateDatabase) {
        self.database = database
    }

    /// Everybody.
    public func people() async throws -> People { try await database.read { try Self.people(in: $0) } }

    /// Reads, changes and writes in one transaction.
    public func change(_ body: @escaping @Sendable (inout People) throws -> Void) async throws {
        try await database.write { database in
            var people = try Self.people(in: database)
            try body(&people)
            try database.execute(sql: "DELETE FROM person")
            for (name, role) in people.roles {
                try database.execute(
                    sql: "INSERT INTO person VALUES (?, ?)",
                    arguments: [name, role.rawValue],
                )
            }
        }
    }

    private static func people(in database: Database) throws -> People {
        var roles: [String: Role] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT name, role FROM person") {
            let (name, word): (String, String) = (row["name"], row["role"])
            guard let role = Role(rawValue: word) else {
                throw Failure(.damagedState, "'\(name)' has a role that is none: '\(word)'")
            }
            roles[name] = role
        }
        return People(roles)
    }
}
