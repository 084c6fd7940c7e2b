// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Glibc
import HostSystem
import Testing

@testable import HAProxyRouter

/// HAProxy killed while it serves; nobody but its supervisor is there to help.
@Suite("An edge that is killed", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeCrashTests {
    /// Who is killed.
    enum Victim: String, Sendable, CaseIterable, CustomTestStringConvertible {
        case master
        case workers
        case everyone

        var testDescription: String { rawValue }
    }

    @Test("comes back by itself with the same routes and traffic", arguments: Victim.allCases)
    func comesBack(victim: Victim) async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            let (master, workers) = (try edge.master(), try edge.workers())
            #expect(!workers.isEmpty)
            if victim != .workers { kill(master, SIGKILL) }
            if victim != .master { for worker in workers { kill(worker, SIGKILL) } }
            try await eventually("another master runs") {
                let status = try Supervisor().status(of: edge.settings.service)
                return status?.process.map { $0 != master } ?? false
            }
            try await eventually("the edge answers") {
                (try? await edge.ask().status) != nil  // Not yet: asked again.
            }
            #expect(try await edge.ask().version == "r2")
            #expect(try await edge.differences() == [])
            #expect(try Supervisor().status(of: edge.settings.service)?.exits == 1)
            try await eventually("the old processes are gone") {
                ([master] + workers).allSatisfy { ProcessTable.entry($0)?.isZombie ?? true }
            }
        }
    }

    @Test("takes orders again as if nothing had happened")
    func goesOn() async throws {
        try await EdgeHome.serving { edge, _ in
            let (master, epoch) = (try edge.master(), try await edge.epoch())
            for process in [master] + (try edge.workers()) { kill(process, SIGKILL) }
            try await eventually("the edge answers") {
                (try? await edge.epoch()).map { $0 != epoch } ?? false  // Not yet: asked again.
            }
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.blue, "s1", ports: [1], of: Sample.staging))
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            #expect(try await edge.ask().version == "r2")
        }
    }

    /// The supervisor, killed too: the next start of the control plane must find and replace what it left.
    @Test("together with its supervisor is started again by the next control plane")
    func supervisorKilled() async throws {
        try await EdgeHome.serving { edge, _ in
            let master = try edge.master()
            let supervisor = try #require(ProcessTable.entry(master)?.parent)
            #expect(ProcessTable.entry(supervisor)?.name == "runsv")
            kill(supervisor, SIGKILL)
            #expect(try await edge.ask().version == "r1", "the edge needs no supervisor to serve")
            try await HAProxyRouter(settings: edge.settings).start()
            #expect(try await edge.ask().version == "r1")
            #expect(try Supervisor().status(of: edge.settings.service)?.isSupervised == true)
            #expect(try edge.master() != master)
        }
    }
}
