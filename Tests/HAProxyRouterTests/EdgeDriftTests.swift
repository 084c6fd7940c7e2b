// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// Somebody speaks to the edge's socket past OpsHub.
@Suite("An edge that somebody changed by hand", .tags(.haproxy), .timeLimit(.minutes(10)))
struct EdgeDriftTests {
    @Test("is told in words, and is put right without a reload", arguments: Change.allCases)
    func changed(_ change: Change) async throws {
        try await EdgeHome.serving { edge, blue in
            let green = try await edge.origin("r2")
            try await edge.router.place(Sample.placement(.green, "r2", ports: [green.port]))
            let epoch = try await edge.epoch()
            let before = try await edge.router.survey()
            #expect(
                before
                    == EdgeSurvey(
                        splits: [Sample.production: .all(.blue)],
                        deviations: [Sample.production: []],
                    )
            )

            try await edge.command(change.command(edge.settings, green: green.port))
            let survey = try await edge.router.survey()
            #expect(survey.splits[Sample.production] == change.split)
            let words = try #require(survey.deviations[Sample.production])
            #expect(words.count == (change.words == nil ? 0 : 1), "\(words)")
            if let expected = change.words { #expect(words.first?.contains(expected) == true, "\(words)") }

            try await edge.router.realign()
            #expect(try await edge.router.survey() == before)
            #expect(try await edge.ask().version == "r1")
            #expect(try await edge.epoch() == epoch)
        }
    }

    @Test("knows nothing when it was never told anything")
    func empty() async throws {
        try await EdgeHome.use { edge in
            try await edge.router.start()
            #expect(try await edge.router.survey() == EdgeSurvey(splits: [:]))
            try await edge.router.realign()
        }
    }

    /// What somebody types.
    enum Change: CaseIterable {
        case trafficMoved, trafficGone, hostGone, hostAdded, routeMoved, routeGone, serverOut, serverMoved

        var split: TrafficSplit {
            switch self {
            case .trafficMoved: .all(.green)
            case .trafficGone: .none
            default: .all(.blue)
            }
        }

        var words: String? {
            switch self {
            case .trafficMoved, .trafficGone: nil
            case .hostGone: "host shop.test leads nowhere at the edge"
            case .hostAdded: "host evil.test leads here, and is none of its domains"
            case .routeMoved: "route shop.production/blue/ leads to shop.production.green.web at the edge"
            case .routeGone: "route shop.production/blue/ leads nowhere at the edge"
            case .serverOut: "shop.production.blue.web/blue-1 at the edge gets no requests"
            case .serverMoved: "shop.production.blue.web/blue-1 at the edge is at port"
            }
        }

        func command(_ settings: EdgeSettings, green: Int) -> String {
            let server = "shop.production.blue.web/blue-1"
            return switch self {
            case .trafficMoved: "set map \(settings.map(.active)) shop.production shop.production/green"
            case .trafficGone: "del map \(settings.map(.active)) shop.production"
            case .hostGone: "del map \(settings.map(.hosts)) shop.test"
            case .hostAdded: "add map \(settings.map(.hosts)) evil.test shop.production"
            case .routeMoved:
                "set map \(settings.map(.routes)) shop.production/blue/ shop.production.green.web"
            case .routeGone: "del map \(settings.map(.routes)) shop.production/blue/"
            case .serverOut: "set server \(server) state maint"
            case .serverMoved: "set server \(server) addr 127.0.0.1 port \(green)"
            }
        }
    }
}
