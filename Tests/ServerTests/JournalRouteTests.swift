// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import FoundationEssentials
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

/// A deployment's journal over HTTP.
@Suite("The API of journals")
struct JournalRouteTests {
    @Test("gives all lines, or those after one")
    func lines() async throws {
        try await Desk.run { desk in
            let id = try await desk.deploy("c1").id
            let all = try await desk.get("/api/v1/deployments/\(id)/journal").value([JournalLine].self)
            #expect(all.map(\.sequence) == Array(1...all.count))
            #expect(all.first?.kind == .requested)
            #expect(all.last?.outcome == "succeeded")
            let rest = try await desk.get("/api/v1/deployments/\(id)/journal?after=3")
                .value([JournalLine].self)
            #expect(rest == Array(all.dropFirst(3)))
            let none = try await desk.get("/api/v1/deployments/\(id)/journal?after=\(all.count)")
            #expect(try none.value([JournalLine].self) == [])
        }
    }

    @Test("follows a deployment that runs until its verdict, each line once")
    func follow() async throws {
        try await Desk.run { desk in
            desk.world.change { $0.hangs = ["run build"] }
            let id = try await desk.order("c1").id
            _ = try await desk.until(id) { $0.step == "build" }
            try await withThrowingTaskGroup { group in
                for number in 0..<3 {
                    group.addTask(name: "follower \(number)") {
                        try await desk.get("/api/v1/deployments/\(id)/journal?follow=true")
                    }
                }
                _ = try await desk.post("/api/v1/deployments/\(id)/cancellation")
                let all = try await Self.lines(desk, id)
                for try await answer in group {
                    #expect(answer.status == .ok)
                    #expect(answer.headers[.contentType] == "text/event-stream")
                    #expect(answer.headers[.cacheControl] == "no-store")
                    let (lines, ids) = try answer.events()
                    #expect(lines == all)
                    #expect(ids == all.map(\.sequence))
                }
            }
        }
    }

    @Test("gives a follower who comes late or again what there is, and ends")
    func late() async throws {
        try await Desk.run { desk in
            let id = try await desk.deploy("c1").id
            let all = try await Self.lines(desk, id)
            for after in [0, 1, all.count - 1, all.count, all.count + 100] {
                let answer = try await desk.get(
                    "/api/v1/deployments/\(id)/journal?follow=true&after=\(after)"
                )
                #expect(try answer.events().lines == Array(all.dropFirst(after)))
            }
        }
    }

    @Test("follows more lines than one look at the records brings")
    func long() async throws {
        try await Desk.run { desk in
            let id = try await desk.deploy("c1").id
            let lease = try await desk.store.claim(Desk.key)
            for number in 0..<450 {
                try await desk.store.tell(
                    .output(.build, "line \(number)"),
                    of: .init(id),
                    at: .now,
                    lease: lease,
                )
            }
            let answer = try await desk.get("/api/v1/deployments/\(id)/journal?follow=true")
            let (lines, _) = try answer.events()
            #expect(lines.map(\.sequence) == Array(1...lines.count))
            #expect(lines.count > 450)
        }
    }

    /// Every line, once the deployment is over.
    private static func lines(_ desk: Desk, _ id: String) async throws -> [JournalLine] {
        _ = try await desk.verdict(of: id)
        return try await desk.get("/api/v1/deployments/\(id)/journal").value([JournalLine].self)
    }
}
