// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Manifest
import TestSupport
import Testing

/// Who may do what.
@Suite("Roles", .timeLimit(.minutes(10)))
struct PeopleTests {
    @Test("are all of them everybody's until somebody has one, and then nobody's else")
    func beginning() throws {
        var people = People()
        #expect(people.role(of: "Ada") == .owner)
        #expect(throws: Failure.self) { try people.give(.maintainer, to: "Bea", by: "Ada") }
        try people.give(.owner, to: "Ada", by: "Eve")
        #expect(people.role(of: "Ada") == .owner)
        #expect(people.role(of: "Eve") == .viewer)
        try people.give(.developer, to: "Bea", by: "Ada")
        #expect(people.role(of: "Bea") == .developer)
    }

    @Test("are given by owners alone, one of whom there always is")
    func owners() throws {
        var people = People(["Ada": .owner, "Bea": .maintainer])
        let before = people
        for person in ["Bea", "Eve", ""] {
            #expect(throws: Failure.self) { try people.give(.owner, to: person, by: person) }
            #expect(throws: Failure.self) { try people.remove("Ada", by: person) }
        }
        for name in ["", " Cy", "Cy ", "C\ny", "C:y", String(repeating: "y", count: 101)] {
            #expect(throws: Failure.self) { try people.give(.viewer, to: name, by: "Ada") }
        }
        #expect(throws: Failure.self) { try people.give(.maintainer, to: "Ada", by: "Ada") }
        #expect(throws: Failure.self) { try people.remove("Ada", by: "Ada") }
        #expect(throws: Failure.self) { try people.remove("Cy", by: "Ada") }
        #expect(people == before)
        try people.remove("Bea", by: "Ada")
        // Alone, the last one may go: then it is as it was in the beginning.
        try people.remove("Ada", by: "Ada")
        #expect(people == People())
    }

    @Test("count for all that a lesser one counts for, and keep nobody out where nobody has one")
    func ranks() async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.by = ["MAINTAINER"]
        for people in [People(), People(["Bea": .owner])] {
            let register = InMemoryPeopleRegister(people)
            try await Bench.run(manifest: manifest, people: register) { bench in
                let id = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada).id
                let digest = try #require(try await bench.waitForApproval(of: id).plan).digest.rawValue
                try await bench.engine.approve(id, digest: digest, by: "Bea", comment: nil)
                let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
                #expect(outcome == .succeeded)
            }
        }
    }

    @Test("say whose yes to a plan counts")
    func approval() async throws {
        var manifest = Bench.manifest(approval: true)
        manifest.environments[0].approval.by = ["OWNER", "MAINTAINER"]
        let people = InMemoryPeopleRegister(
            People(["Ada": .developer, "Bea": .developer, "Cy": .maintainer, "Dan": .owner])
        )
        try await Bench.run(manifest: manifest, people: people) { bench in
            let id = try await bench.engine.deploy(Bench.key, reference: "c1", requester: Bench.ada).id
            let digest = try #require(try await bench.waitForApproval(of: id).plan).digest.rawValue
            for (person, role) in [("Bea", "DEVELOPER"), ("Eve", "VIEWER")] {
                let refusal = await #expect(throws: Failure.self) {
                    try await bench.engine.approve(id, digest: digest, by: person, comment: nil)
                }
                #expect(
                    refusal?.message == "\(person) is \(role), and d1 needs the yes of OWNER or MAINTAINER"
                )
            }
            #expect(!bench.world.now.actions.contains { $0.hasPrefix("start") })
            try await bench.engine.approve(id, digest: digest, by: "Cy", comment: nil)
            let outcome = try await bench.verdict(of: id).phase.verdict?.outcome
            #expect(outcome == .succeeded)
        }
    }
}
