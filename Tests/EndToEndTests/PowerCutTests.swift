// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import Foundation
import HostSystem
import Manifest
import Testing

/// Everything ends at once, and no file holds more than was on the disk.
@Suite("A power cut", .tags(.slow))
struct PowerCutTests {
    /// A blue-green deployment that migrates a database, as the machine goes through it.
    private static let phases =
        Course(
            needsApproval: false,
            backsUp: true,
            migration: .afterHealth,
            movement: [.shift(percent: 100)],
            hasOutgoing: true,
            isWarm: false,
        )
        .steps.map(\.description) + ["verdict", "end"]

    @Test(
        "at any step boundary loses neither the push nor what serves, and the deployment ends when the machine is back",
        .timeLimit(.minutes(10)),
    )
    func everyBoundary() async throws {
        try await Stage.with(.init(window: "1s", hasDatabase: true, isWitnessed: true)) { stage in
            for number in 1...2 {
                let result = try await stage.push(files(number))
                try #require(result.isSuccess, "\(result.errors)")
            }
            let databases = try stage.databases()
            var losses = 0
            for (index, phase) in Self.phases.enumerated() {
                stage.killControlPlane()
                try await stage.serve(crash: "before \(phase)", mayDieAtOnce: index > 0)
                // Whether the push hears of it or not: what was taken is never lost.
                if index == 0 { _ = try await stage.push(files(3), wait: false) }
                try await stage.waitUntil("the control plane has died before \(phase)") { !stage.isServing }
                // What nobody asked for may be on the disk all the same, or some of it.
                if try await stage.cutPower(index % 2 == 0 ? 0 : index) { losses += 1 }
            }
            #expect(losses > Self.phases.count / 2, "power cuts that lose nothing show nothing")
            try await stage.serve()
            _ = try await stage.opshub("events", "d3", "--follow")
            let lines = try await stage.json([JournalLine].self, "events", "d3")
            #expect(lines.last?.outcome == "succeeded", "\(lines.last?.text ?? "")")
            #expect(lines.map(\.sequence) == Array(1...lines.count))
            try await stage.waitUntil("what serves answers") { try await stage.version() == "3" }
            #expect(try stage.databases() == databases, "a database of a restore drill is left")
            let back = try await stage.opshub("rollback", "-e", "production")
            #expect(back.isSuccess, "\(back.output)\(back.errors)")
            #expect(try await stage.version() == "2")
            let commits = try await stage.runner.run(
                Program("git", ["-C", "\(stage.home)/git/app.git", "fsck", "--full", "--strict"])
            )
            #expect(commits.isSuccess, "\(commits.errors)")
        }
    }

    private func files(_ number: Int) -> [String: String] {
        [
            "behaviour.json": #"{ "version": "\#(number)" }"#,
            "migrations/000\(number)_change.sql": "CREATE TABLE change_\(number) (id int);",
        ]
    }
}

extension Stage {
    /// Ends everything and takes from its files what was not on the disk; whether anything was lost.
    fileprivate func cutPower(_ number: Int) async throws -> Bool {
        try await killEverything()
        return try await witness?.cutPower(in: home, number: number).isEmpty == false
    }
}
