// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import Testing

@testable import HAProxyRouter

/// What a control plane finds when it starts, and what it makes of it.
@Suite("Starting the edge", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeStartTests {
    @Test("answers everyone with 404 at first")
    func first() async throws {
        try await EdgeHome.use { edge in
            try await edge.router.start()
            #expect(try await edge.ask().status == 404)
            #expect(try await edge.router.observe(Sample.production) == nil)
        }
    }

    @Test("again changes nothing")
    func again() async throws {
        try await EdgeHome.serving { edge, _ in
            let (files, master, epoch) = (try edge.files(), try edge.master(), try await edge.epoch())
            try await edge.router.start()
            try await HAProxyRouter(settings: edge.settings).start()
            #expect(try edge.files() == files)
            #expect(try edge.master() == master)
            #expect(try await edge.epoch() == epoch)
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("brings a running edge back in line with its files")
    func aligns() async throws {
        try await EdgeHome.serving { edge, _ in
            let epoch = try await edge.epoch()
            let place = "shop.production.blue.web/blue-1"
            let active = edge.settings.map(.active)
            try await edge.command("set map \(active) shop.production shop.production/green")
            try await edge.command("del map \(edge.settings.map(.hosts)) shop.test")
            try await edge.command("add map \(edge.settings.map(.hosts)) stray.test shop.production")
            try await edge.command("set server \(place) state maint")
            #expect(try await edge.ask().status == 404)
            try await edge.router.start()
            #expect(try await edge.ask().version == "r1")
            #expect(try await edge.ask(host: "stray.test").status == 404)
            #expect(try await edge.differences() == [])
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("makes true what a control plane wrote down before it died")
    func continues() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            var state = try #require(try EdgeFiles(settings: edge.settings).read())
            state[Sample.production]?.placements[.green] = Sample.placement(
                .green,
                "r2",
                ports: [green.port],
            )
            state[Sample.production]?.split = .all(.green)
            try EdgeFiles(settings: edge.settings).publish(state)
            #expect(try await edge.ask().version == "r1")
            try await edge.router.start()
            #expect(try await edge.ask().version == "r2")
        }
    }

    @Test("makes a lost state anew from what others know, and asks for it only then")
    func restores() async throws {
        try await EdgeHome.serving { edge, blue in
            try await edge.router.start { throw Failure(.unexpected, "asked although the state is there") }
            let epoch = try await edge.epoch()
            let (before, files) = (try EdgeFiles(settings: edge.settings).read(), try edge.files())
            try Folder.remove(edge.settings.state)
            try await edge.router.start {
                [
                    EnvironmentTraffic(
                        environment: Sample.production,
                        split: .all(.blue),
                        placements: [Sample.placement(.blue, "r1", ports: [blue.port])],
                    )
                ]
            }
            #expect(try await edge.epoch() == epoch)
            #expect(try EdgeFiles(settings: edge.settings).read() == before)
            #expect(try edge.files() == files)
            #expect(try await edge.ask().version == "r1")
        }
    }

    /// Invariant 7: killed between writing the files and reloading.
    @Test("reloads when what was written down needs it and never came to it")
    func reloadsWhatWasWritten() async throws {
        try await EdgeHome.serving { edge, _ in
            let port = try FreePort.next()
            let origin = try await edge.origin("s1")
            let staging = Sample.placement(
                .green,
                "s1",
                ports: [origin.port],
                of: Sample.staging,
                domain: "staging.test",
                listening: [Sample.web: port],
            )
            var state = try #require(try EdgeFiles(settings: edge.settings).read())
            state[Sample.staging] = .init(key: Sample.staging, placements: [.green: staging])
            try EdgeFiles(settings: edge.settings).publish(state)
            try await edge.router.start()
            #expect(try await EdgeClient(port: port).ask().status == 503)
            try await edge.router.direct(.all(.green), of: Sample.staging)
            #expect(try await edge.ask(host: "staging.test").version == "s1")
            #expect(try await edge.ask().version == "r1")
        }
    }

    @Test("reloads a configuration that another version of OpsHub wrote, and keeps answering")
    func otherVersion() async throws {
        try await EdgeHome.serving { edge, _ in
            let (master, epoch) = (try edge.master(), try await edge.epoch())
            try edge.overwrite("haproxy.cfg.shape", with: "another template\n")
            try await edge.router.start()
            #expect(try await edge.epoch() != epoch)
            #expect(try edge.master() == master)
            #expect(try await edge.ask().version == "r1")
            let after = try await edge.epoch()
            try await edge.router.start()
            #expect(try await edge.epoch() == after)
        }
    }

    @Test("after a stop serves as before, also what was only told to the running edge")
    func afterAStop() async throws {
        try await EdgeHome.serving { edge, _ in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            try await edge.router.direct(.all(.green), of: Sample.production)
            try await edge.router.stop()
            await #expect(throws: (any Error).self) { try await edge.ask() }
            try await edge.router.stop()
            try await edge.router.start()
            #expect(try await edge.ask().version == "r2")
            #expect(try await edge.differences() == [])
        }
    }

    @Test("is refused when somebody else has the public port")
    func portTaken() async throws {
        try await EdgeHome.use { edge in
            let other = try await QuickOrigin.start(in: edge)
            let taken = EdgeSettings(folder: edge.settings.folder, port: other.port)
            let failure = try await #require(throws: Failure.self) {
                try await HAProxyRouter(settings: taken).start()
            }
            #expect(failure.code == .portTaken)
            #expect(failure.message.contains("\(other.port)"))
            #expect(failure.message.contains("haproxy (pid "))
            #expect(try Supervisor().status(of: taken.service)?.process == nil)
        }
    }

    @Test("keeps no more rights than it needs", .enabled(if: SystemUser.current.isRoot))
    func account() async throws {
        try await EdgeHome.serving { edge, _ in
            let account = try #require(edge.settings.account)
            let user = try #require(SystemUser.find(name: account.user))
            let workers = try edge.workers()
            #expect(!workers.isEmpty)
            for worker in workers {
                let status = try #require(try FileContent.text(of: "/proc/\(worker)/status"))
                let ids = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?
                    .split(separator: "\t").dropFirst().compactMap { UInt32($0) }
                #expect(ids == [user.userID, user.userID, user.userID, user.userID])
            }
        }
    }
}
