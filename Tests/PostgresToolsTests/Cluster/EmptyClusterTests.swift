// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@testable import PostgresTools

@Suite("An empty cluster", .tags(.postgres), .timeLimit(.minutes(10)))
struct EmptyClusterTests {
    @Test("is taken by one of those that want it when it was made beforehand, and copied for the others")
    func spare() async throws {
        try await TestHome.with { home in try await check(home) }
    }

    private func check(_ home: TestHome) async throws {
        let owner = try await UnprivilegedAccount().ensure(home.dataAccount)
        let programs = try await PostgresPrograms.locate(15)
        let cluster = EmptyCluster(folder: home.layout.clusters, programs: programs)
        await cluster.makeSpare()
        #expect(!Folder.exists(home.layout.clusters), "nobody has wanted one yet")

        try await cluster.copy(to: "\(home.layout.root)/first", for: owner)
        async let one: Void = cluster.makeSpare()
        async let other: Void = cluster.makeSpare()
        _ = await (one, other)
        let made = try Folder.names(in: home.layout.clusters)
        #expect(made.count == 2 && made.contains { $0.hasSuffix(".spare") }, "\(made)")

        async let second: Void = cluster.copy(to: "\(home.layout.root)/second", for: owner)
        async let third: Void = cluster.copy(to: "\(home.layout.root)/third", for: owner)
        _ = try await (second, third)
        let left = try Folder.names(in: home.layout.clusters)
        #expect(left.count == 1 && !left.contains { $0.hasSuffix(".spare") }, "\(left)")
        let find = "find . -printf '%m %u %P\\n' | sort"
        var found: Set<String> = []
        for name in ["first", "second", "third"] {
            let program = Program("sh", ["-c", find], in: "\(home.layout.root)/\(name)")
            found.insert(try await ProgramRunner().run(program).output)
        }
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("600 \(owner.name) PG_VERSION\n") == true)
        #expect(found.first?.contains("\n700 \(owner.name) \n") == true)
    }
}
