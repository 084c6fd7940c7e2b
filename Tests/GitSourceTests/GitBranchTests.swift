// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import GitSource
import HostSystem
import Testing

@Suite("Moving a branch", .timeLimit(.minutes(10)))
struct GitBranchTests {
    @Test("makes it, moves it and removes it")
    func moves() async throws {
        try await TestRepository.use { test in
            let (repositories, project) = (test.repositories, test.project)
            let first = try await test.commit(["a": "1"])
            let second = try await test.commit(["a": "2"])
            try await repositories.moveBranch("release/1", from: nil, to: first, of: project)
            #expect(try await repositories.heads(of: project) == ["main": second, "release/1": first])
            try await repositories.moveBranch("release/1", from: first, to: second, of: project)
            #expect(try await repositories.heads(of: project)["release/1"] == second)
            try await repositories.moveBranch("release/1", from: second, to: nil, of: project)
            #expect(try await repositories.heads(of: project) == ["main": second])
        }
    }

    @Test("is refused when it is elsewhere by now, and changes nothing", arguments: Stale.allCases)
    func stale(_ stale: Stale) async throws {
        try await TestRepository.useOne { test, first in
            let second = try await test.commit(["a": "2"])
            let (branch, old, new) = stale.move(first, second)
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.moveBranch(branch, from: old, to: new, of: test.project)
            }
            #expect(failure?.code == .conflict)
            #expect(try await test.repositories.heads(of: test.project) == ["main": second])
        }
    }

    @Test("is refused for a commit that is not there")
    func unknownCommit() async throws {
        try await TestRepository.useOne { test, first in
            let none = CommitID(String(repeating: "a", count: 40))
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.moveBranch("main", from: first, to: none, of: test.project)
            }
            #expect(failure?.code == .notFound)
            let heads = try await test.repositories.heads(of: test.project)
            #expect(heads == ["main": first])
        }
    }

    @Test(
        "is refused for a name that can't be one",
        arguments: [
            "", "-d", "a..b", "a b", "a.lock", "/a", "a/", "a//b", ".a", "a/.b", "a~1", "a:b", "a\nb", "@",
            "a@{1}",
        ],
    )
    func badName(_ name: String) async throws {
        try await TestRepository.useOne { test, first in
            let failure = await #expect(throws: Failure.self) {
                try await test.repositories.moveBranch(name, from: nil, to: first, of: test.project)
            }
            #expect(failure?.code == .invalid)
        }
    }

    /// Moves that some other push has overtaken.
    enum Stale: CaseIterable {
        case moved, exists, missing, removed

        func move(_ first: CommitID, _ second: CommitID) -> (String, CommitID?, CommitID?) {
            switch self {
            case .moved: ("main", first, first)
            case .exists: ("main", nil, first)
            case .missing: ("other", first, second)
            case .removed: ("main", first, nil)
            }
        }
    }
}
