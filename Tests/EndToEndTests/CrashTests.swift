// SPDX-License-Identifier: Apache-2.0
import Manifest
import API
import Core
import Delivery
import Foundation
import HostSystem
import Testing

/// `kill -9` before and after every write of a deployment, with the steps that the machine itself lists.
@Suite("A control plane that dies at any step boundary", .tags(.slow))
struct CrashTests {
    /// A strategy, and what a deployment with it goes through.
    private struct Strategy: Sendable {
        let manifest: Stage.Manifest
        let course: [Step]

        static let all = [
            Strategy(
                manifest: .init(strategy: "blue-green", window: "1s", hasDatabase: true),
                course: steps([.shift(percent: 100)], hasDatabase: true),
            ),
            Strategy(
                manifest: .init(strategy: "rolling", replicas: 2, window: "1s"),
                course: steps([.shift(percent: 50), .shift(percent: 100)], hasDatabase: false),
            ),
        ]

        private static func steps(_ movement: [Step], hasDatabase: Bool) -> [Step] {
            Delivery.Course(
                needsApproval: false,
                backsUp: hasDatabase,
                migration: hasDatabase ? .afterHealth : nil,
                movement: movement,
                hasOutgoing: true,
                isWarm: false,
            )
            .steps
        }
    }

    /// Where each of them is cut short.
    enum Course: CaseIterable {
        case blueGreen, rolling, undoing
    }

    // The limit ends a test that hangs; a course has some thirty deaths, and other tests beside it.
    @Test(
        "finishes the deployment when it is back, or finishes undoing it, every time; nobody notices, and nothing is left over",
        .timeLimit(.minutes(15)),
        arguments: Course.allCases,
    )
    func everyBoundary(_ course: Course) async throws {
        switch course {
        case .blueGreen: try await everyBoundary(Strategy.all[0])
        case .rolling: try await everyBoundary(Strategy.all[1])
        case .undoing: try await everyBoundaryBack(Strategy.all[1])
        }
    }

    private func everyBoundary(_ strategy: Strategy) async throws {
        try await Stage.with(strategy.manifest) { stage in
            for number in 1...2 {
                let result = try await stage.push(files(number, strategy))
                try #require(result.isSuccess, "\(result.errors)")
            }
            let databases = try stage.databases()
            let phases = strategy.course.map(\.description) + ["verdict", "end"]
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                try await deploy(3, strategy, on: stage, dying: phases, expecting: "succeeded")
                #expect(try await stage.version() == "3")
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try stage.databases() == databases, "a database of a restore drill is left")
        }
    }

    private func everyBoundaryBack(_ strategy: Strategy) async throws {
        try await Stage.with(strategy.manifest) { stage in
            let result = try await stage.push(files(1, strategy))
            try #require(result.isSuccess, "\(result.errors)")
            var manifest = strategy.manifest
            manifest.external = "{ get: /version, status: 418 }"
            try DurableFile.write(manifest.text(stage.ports), to: "\(stage.repository)/opshub.yml")
            // Those of a release; a restore and a schema that goes back have theirs.
            let back: [UndoStep] = [.returnTraffic, .drainIncoming, .stopIncoming]
            let phases = back.map { "undo \($0)" } + ["verdict", "end"]
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                try await deploy(2, strategy, on: stage, dying: phases, expecting: "failed")
                #expect(try await stage.version() == "1")
            }
            #expect(count.lost == 0, "\(count)")
        }
    }

    private func files(_ number: Int, _ strategy: Strategy) -> [String: String] {
        var files = ["behaviour.json": #"{ "version": "\#(number)" }"#]
        if strategy.manifest.hasDatabase {
            files["migrations/000\(number)_change.sql"] = "CREATE TABLE change_\(number) (id int);"
        }
        return files
    }

    /// One deployment that survives a death before and after each of its phases is written down.
    private func deploy(
        _ number: Int,
        _ strategy: Strategy,
        on stage: Stage,
        dying phases: [String],
        expecting outcome: String,
    ) async throws {
        let points = phases.flatMap { ["before \($0)", "after \($0)"] }
        for (index, point) in points.enumerated() {
            stage.killControlPlane()
            try await stage.serve(crash: point, mayDieAtOnce: index > 0)
            // Whether the push hears of it or not: what was taken is never lost.
            if index == 0 { _ = try await stage.push(files(number, strategy), wait: false) }
            try await stage.waitUntil("the control plane has died \(point)") { !stage.isServing }
        }
        try await stage.serve()
        _ = try await stage.opshub("events", "d\(number)", "--follow")
        let lines = try await stage.json([JournalLine].self, "events", "d\(number)")
        #expect(lines.last?.outcome == outcome, "\(lines.last?.text ?? "")")
        #expect(lines.map(\.sequence) == Array(1...lines.count))
        #expect(lines.first?.kind == .requested)
        // Dying before the first phase leaves nothing to resume; every other death does.
        #expect(lines.count { $0.kind == .resumed } >= points.count - 3)
        let expected = (outcome == "succeeded" ? 2 : 1) * strategy.manifest.replicas
        #expect(try stage.instances().count == expected)
        #expect(try stage.instanceFolders().count == expected)
    }
}

extension Stage {
    /// Folders of instances that are there to run, as `blue/web.1`.
    fileprivate func instanceFolders() throws -> [String] {
        let slots = "\(home)/projects/app/production/slots"
        return try Folder.names(in: slots)
            .flatMap { slot in
                try Folder.names(in: "\(slots)/\(slot)")
                    .filter { FileManager.default.fileExists(atPath: "\(slots)/\(slot)/\($0)/instance.json") }
                    .map { "\(slot)/\($0)" }
            }
    }

    /// Folders of databases in the cluster, by number.
    func databases() throws -> [String] {
        try Folder.names(in: "\(home)/projects/app/production/accessories/db/data/base").sorted()
    }
}
