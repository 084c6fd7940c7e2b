// SPDX-License-Identifier: Apache-2.0
import API
import Core
import Delivery
import HTTPTypes
import HummingbirdTesting
import NIOCore
import TestSupport
import Testing

@Suite("The API of restores")
struct RestoreRouteTests {
    private static let restores = "\(Desk.path)/restores"

    @Test("shows what a restore would mean, and does it once the environment is named")
    func whole() async throws {
        try await Desk.run(migrates: true) { desk in
            _ = try await desk.deploy("c1")
            let view = try await desk.get("\(Desk.path)/restore?backup=b1").value(RestoreView.self)
            #expect(view.backup == "b1" && view.lost?.map(\.table) == ["public.t"])
            let answer = try await desk.post(
                Self.restores,
                #"{"backup":"b1","confirm":"production"}"#,
                as: "Ada",
            )
            let started = try answer.value(DeploymentView.self, status: .accepted)
            #expect(started.kind == "restore" && started.requestedBy == "Ada")
            #expect(started.restores == "backup b1 into db")
            #expect(try await desk.verdict(of: started.id).state == "succeeded")
        }
    }

    @Test("shows what taking a restore back would mean")
    func undo() async throws {
        try await Desk.run { desk in
            let view = try await desk.get("\(Desk.path)/restore?undo=d1").value(RestoreView.self)
            #expect(view.backup == nil)
        }
    }

    @Test(
        "refuses what is not said clearly, and changes nothing",
        arguments: [
            (#"{"backup":"b1"}"#, 400, "'confirm' does not say 'production'"),
            (#"{"backup":"b1","confirm":"staging"}"#, 400, "'confirm' does not say 'production'"),
            (#"{"backup":"b9","confirm":"production"}"#, 404, "there is no such thing"),
            (#"{"backup":1}"#, 400, "'backup' is of another type"), (#"{"backup""#, 400, "it is not JSON"),
        ],
    )
    func refused(_ order: String, _ status: Int, _ words: String) async throws {
        try await Desk.run { desk in
            _ = try await desk.deploy("c1")
            desk.world.change { $0.actions = [] }
            let answer = try await desk.post(Self.restores, order, as: "Ada")
            #expect(answer.status.code == status, "\(String(buffer: answer.body))")
            #expect(String(buffer: answer.body).contains(words), "\(String(buffer: answer.body))")
            #expect(desk.world.now.actions.isEmpty)
        }
    }

    @Test("brings one table back beside the one that is there")
    func table() async throws {
        try await Desk.run { desk in
            let view = try await desk.post("\(Self.restores)/tables", #"{"backup":"b1","table":"ships"}"#)
                .value(RestoredTableView.self, status: .created)
            #expect((view.table, view.rows) == (#""public"."ships_b1""#, 3))
            let silent = try await desk.post("\(Self.restores)/tables", #"{"table":""}"#)
            #expect(silent.status == .badRequest)
            #expect(String(buffer: silent.body).contains("no table is named"))
            let empty = try await desk.post("\(Self.restores)/tables", "{}")
            #expect(String(buffer: empty.body).contains("'table' is missing"))
            let unknown = try await desk.post(
                "\(Self.restores)/tables",
                #"{"backup":"b9","table":"ships"}"#,
            )
            #expect(unknown.status == .notFound)
        }
    }
}
