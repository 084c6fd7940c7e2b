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
    struct Strategy: Sendable, CustomTestStringConvertible {
        let manifest: Stage.Manifest
        let course: [Step]

        var testDescription: String { manifest.strategy }

        static let all = [
            Strategy(
                manifest: .init(strategy: "blue-green", window: "1s", hasDatabase: true),
                course: steps(percentages: [100], hasDatabase: true),
            ),
            Strategy(
                manifest: .init(strategy: "rolling", replicas: 2, window: "1s"),
                course: steps(percentages: [50, 100], hasDatabase: false),
            ),
        ]

        private static func steps(percentages: [Int], hasDatabase: Bool) -> [Step] {
            Course(
                needsApproval: false,
                backsUp: hasDatabase,
                migration: hasDatabase ? .afterHealth : nil,
                percentages: percentages,
                hasOutgoing: true,
                isWarm: false,
            )
            .steps
        }
    }

    @Test(
        "finishes the deployment when it is back; nobody notices, and nothing is left over",
        .timeLimit(.minutes(10)),
        arguments: Strategy.all,
    )
    func everyBoundary(strategy: Strategy) async throws {
        try await Stage.with(strategy.manifest) { stage in
            for number in 1...2 {
                let result = try await stage.push(files(number, strategy))
                try #require(result.isSuccess, "\(result.errors)")
            }
            let databases = try stage.databases()
            let phases = strategy.course.map(\.description) + ["verdict", "end"]
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                for (index, point) in points(phases).enumerated() {
                    let number = index + 3
                    try await crash(point, number, strategy, on: stage, expecting: "succeeded")
                    #expect(try await stage.version() == "\(number)", "\(point)")
                }
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try stage.databases() == databases, "a database of a restore drill is left")
        }
    }

    @Test("finishes undoing it", .timeLimit(.minutes(5)))
    func everyBoundaryBack() async throws {
        let strategy = Strategy.all[1]
        try await Stage.with(strategy.manifest) { stage in
            let result = try await stage.push(files(1, strategy))
            try #require(result.isSuccess, "\(result.errors)")
            var manifest = strategy.manifest
            manifest.external = "{ get: /version, status: 418 }"
            try DurableFile.write(manifest.text(stage.ports), to: "\(stage.repository)/opshub.yml")
            let phases = UndoStep.allCases.map { "undo \($0)" } + ["verdict", "end"]
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                for (index, point) in points(phases).enumerated() {
                    try await crash(point, index + 2, strategy, on: stage, expecting: "failed")
                    #expect(try await stage.version() == "1", "\(point)")
                }
            }
            #expect(count.lost == 0, "\(count)")
        }
    }

    private func points(_ phases: [String]) -> [String] {
        phases.flatMap { ["before \($0)", "after \($0)"] }
    }

    private func files(_ number: Int, _ strategy: Strategy) -> [String: String] {
        var files = ["behaviour.json": #"{ "version": "\#(number)" }"#]
        if strategy.manifest.hasDatabase {
            files["migrations/\(1000 + number)_change.sql"] = "CREATE TABLE change_\(number) (id int);"
        }
        return files
    }

    private func crash(
        _ point: String,
        _ number: Int,
        _ strategy: Strategy,
        on stage: Stage,
        expecting outcome: String,
    ) async throws {
        stage.killControlPlane()
        try await stage.serve(crash: point)
        // Whether the push hears of it or not: what was taken is never lost.
        _ = try await stage.push(files(number, strategy), wait: false)
        try await stage.waitUntil("the control plane has died \(point)") { !stage.isServing }
        try await stage.serve()
        _ = try await stage.opshub("events", "d\(number)", "--follow")
        let lines = try await stage.json([JournalLine].self, "events", "d\(number)")
        #expect(lines.last?.outcome == outcome, "\(point): \(lines.last?.text ?? "")")
        #expect(lines.map(\.sequence) == Array(1...lines.count), "\(point)")
        #expect(lines.first?.kind == .requested, "\(point)")
        let expected = (outcome == "succeeded" ? 2 : 1) * strategy.manifest.replicas
        #expect(try stage.instances().count == expected, "\(point)")
        let folders = try stage.instanceFolders()
        #expect(folders.count == expected, "\(point): \(folders)")
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
    fileprivate func databases() throws -> [String] {
        try Folder.names(in: "\(home)/projects/app/production/accessories/db/data/base").sorted()
    }
}
