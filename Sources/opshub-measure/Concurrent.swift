// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Core
import Delivery
import FoundationEssentials
import Glibc
import TestSupport

/// Whether many deployments of different environments get in each other's way.
struct Concurrent: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Deploy to many environments of an in-memory world at once, again and again; prints seconds and MiB of each round."
    )

    @Option(help: "How many environments.")
    var count = 200

    @Option(help: "How often.")
    var rounds = 5

    func run() async throws {
        for round in 1...rounds {
            let begin = ContinuousClock().now
            try await deployEverywhere("c\(round)")
            print("\((ContinuousClock().now - begin) / .seconds(1)) \(Self.memory())")
        }
    }

    /// In a world of its own, so that only what is leaked stays.
    private func deployEverywhere(_ commit: String) async throws {
        let keys = (1...count).map(Sample.key)
        let (world, store) = (ScriptedWorld(project: ProjectName("measure")), InMemoryDeliveryStore())
        let engine = DeliveryEngine(
            ports: world.ports(store, Sample.manifest(keys), time: FastTime()),
            settings: DeliverySettings(layout: HomeLayout(root: "/nowhere")),
            report: { key, failure in print("\(key): \(failure)") },
        )
        let begin = ContinuousClock().now
        try await withThrowingTaskGroup { group in
            group.addTask(name: "engine") { try await engine.run() }
            for key in keys {
                let requester = Requester(name: "ada", channel: .command)
                _ = try await engine.deploy(key, reference: commit, requester: requester)
            }
            while try await !store.unfinishedDeployments().isEmpty {
                try await ContinuousClock().sleep(for: .milliseconds(20))
                // A deadlock is what this is about.
                guard ContinuousClock().now - begin < .seconds(300) else { throw ExitCode(1) }
            }
            guard store.deployments.allSatisfy({ $0.phase.verdict?.outcome == .succeeded }) else {
                throw ExitCode(2)
            }
            group.cancelAll()
        }
    }

    /// Resident memory, in MiB.
    private static func memory() -> Double {
        let statistics = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = statistics.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}
