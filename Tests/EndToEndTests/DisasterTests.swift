// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Foundation
import Glibc
import HostSystem
import Testing

/// What happens to a machine in a bad year, with requests all the while.
@Suite("In the middle of a deployment", .tags(.slow))
struct DisasterTests {
    @Test(
        "a clock that jumps by days, forth and back, changes nothing for anybody",
        .timeLimit(.minutes(10)),
    )
    func clockJumps() async throws {
        try await Stage.with(.init(window: "6s", isWitnessed: true)) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                for (version, jump) in [(2, Duration.seconds(3 * 86_400)), (3, .seconds(-2 * 86_400))] {
                    async let pushed = stage.push(behaviour: #"{ "version": "\#(version)" }"#)
                    try await stage.waitUntil("d\(version) is watched") {
                        try await stage.journal("d\(version)").contains { $0.step == "stability gate" }
                    }
                    try stage.witness?.setClock(ahead: jump)
                    let result = try await pushed
                    #expect(result.isSuccess, "\(result.errors)")
                    #expect(try await stage.version() == "\(version)")
                }
                // What was asked for by a clock that was wrong is done by one that is right.
                try stage.witness?.setClock(ahead: .zero)
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.output)\(back.errors)")
            }
            #expect(count.lost == 0, "\(count)")
            for number in 1...4 {
                let lines = try await stage.journal("d\(number)")
                #expect(lines.last?.outcome == "succeeded", "d\(number)")
                #expect(lines.map(\.sequence) == Array(1...lines.count))
                let times = lines.map(\.at)
                let hasJumped = try #require(times.max()) - 86_400 > #require(times.min())
                #expect(hasJumped == [2, 3].contains(number), "d\(number)")
            }
        }
    }

    @Test(
        "an edge that is killed is back at once with the routes that it had, before the switch and after it",
        .timeLimit(.minutes(10)),
    )
    func edgeDies() async throws {
        try await Stage.with(.init(window: "3s")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1", "boot_delay_ms": 1500 }"#)
            try #require(first.isSuccess, "\(first.errors)")
            for (version, step) in [(2, "health gate"), (3, "stability gate")] {
                async let pushed = stage.push(
                    behaviour: #"{ "version": "\#(version)", "boot_delay_ms": 1500 }"#
                )
                try await stage.waitUntil("d\(version) is at its \(step)") {
                    try await stage.journal("d\(version)").contains { $0.step == step }
                }
                let serving = try await stage.version()
                try stage.killEdge()
                try await stage.waitUntil("the edge answers again") {
                    try await stage.version() == serving
                }
                let result = try await pushed
                #expect(result.isSuccess, "\(result.errors)")
                #expect(try await stage.version() == "\(version)")
            }
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                let back = try await stage.opshub("rollback", "-e", "production")
                #expect(back.isSuccess, "\(back.output)\(back.errors)")
            }
            #expect(count.lost == 0, "\(count)")
            #expect(try await stage.version() == "2")
        }
    }

    @Test(
        "a process of what serves that is killed is started again, and the deployment goes on",
        .timeLimit(.minutes(10)),
    )
    func serviceDies() async throws {
        try await Stage.with(.init(replicas: 2, window: "3s")) { stage in
            let first = try await stage.push(behaviour: #"{ "version": "1" }"#)
            try #require(first.isSuccess, "\(first.errors)")
            let serving = try stage.instances()
            try #require(serving.count == 2)
            let count = try await SteadyLoad.during("\(stage.edge)/") {
                async let pushed = stage.push(behaviour: #"{ "version": "2", "boot_delay_ms": 1500 }"#)
                try await stage.waitUntil("d2 is at its health gate") {
                    try await stage.journal("d2").contains { $0.step == "health gate" }
                }
                kill(serving[0], SIGKILL)
                let result = try await pushed
                #expect(result.isSuccess, "\(result.errors)")
            }
            #expect(count.lost == 0, "the other one answers: \(count)")
            try await stage.waitUntil("all of both releases run") { try stage.instances().count == 4 }
        }
    }
}

extension Stage {
    fileprivate func journal(_ id: String) async throws -> [JournalLine] {
        let result = try await opshub("events", id, "--json")
        // There is none before the push has arrived.
        guard result.isSuccess else { return [] }
        return try Wire.decoder().decode([JournalLine].self, from: Data(result.output.utf8))
    }

    /// Ends HAProxy, the master and its workers, as an out-of-memory killer would.
    fileprivate func killEdge() throws {
        let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { Int32($0) }
            .filter { process in
                // A process that ended meanwhile is none of them.
                let name = try? FileContent.text(of: "/proc/\(process)/comm")
                let command = try? FileContent.text(of: "/proc/\(process)/cmdline")
                return name == "haproxy\n" && command?.contains(root) == true
            }
        try #require(!processes.isEmpty)
        for process in processes { kill(process, SIGKILL) }
    }
}
