// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import TestSupport
import Testing

@testable import Storage

/// The same of every register.
@Suite("Where roles are written down")
struct PeopleRegisterTests {
    @Test("keeps what was changed, over a restart too, and nothing of a change that was refused")
    func kept() async throws {
        try await Scratch.use { scratch in
            let register = SQLitePeopleRegister(try StateDatabase(path: scratch.database))
            try await Self.contract(register)
            let again = SQLitePeopleRegister(try StateDatabase(path: scratch.database))
            let people = try await again.people()
            #expect(people.roles == ["Ada": .owner, "Bea é": .viewer])
        }
        try await Self.contract(InMemoryPeopleRegister())
    }

    @Test("says that a role is none")
    func damaged() async throws {
        try await Scratch.use { scratch in
            let register = SQLitePeopleRegister(try StateDatabase(path: scratch.database))
            try scratch.tamper("INSERT INTO person VALUES ('Ada', 'KING')")
            let failure = await #expect(throws: Failure.self) { try await register.people() }
            #expect(failure?.code == .damagedState)
        }
    }

    private static func contract(_ register: any PeopleRegister) async throws {
        #expect(try await register.people() == People())
        try await register.change { try $0.give(.owner, to: "Ada", by: "Ada") }
        try await register.change { try $0.give(.maintainer, to: "Bea é", by: "Ada") }
        try await register.change { try $0.give(.viewer, to: "Bea é", by: "Ada") }
        await #expect(throws: Failure.self) {
            try await register.change { people in
                try people.give(.owner, to: "Cy", by: "Ada")
                try people.give(.owner, to: "Cy", by: "Bea é")
            }
        }
        #expect(try await register.people().roles == ["Ada": .owner, "Bea é": .viewer])
    }
}
