// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// Which runtime commands a change takes.
@Suite("Runtime commands of a change")
struct EdgeCommandsTests {
    @Test("are none when nothing has changed")
    func nothing() {
        #expect(commands(from: Sample.state(.all(.blue)), to: Sample.state(.all(.blue))) == [])
    }

    @Test("are exactly one for a switch")
    func oneForASwitch() {
        #expect(
            commands(from: Sample.state(.all(.blue)), to: Sample.state(.all(.green))) == [
                "set map /home/edge/active.map shop.production shop.production/green"
            ]
        )
    }

    @Test("are exactly one for a switch to a release whose paths are answered by other services")
    func oneForASwitchOfRoutes() {
        var before = Sample.state(.all(.blue))
        before[Sample.production]?.placements[.green] = Sample.placement(
            .green,
            "r2",
            ports: [20_101],
            routes: ["/": Sample.api],
        )
        var after = before
        after[Sample.production]?.split = .all(.green)
        #expect(
            commands(from: before, to: after) == [
                "set map /home/edge/active.map shop.production shop.production/green"
            ]
        )
    }

    @Test(
        "are exactly one for the way out of a shared split",
        arguments: [
            TrafficSplit.shared(incoming: .green, percent: 25), .shared(incoming: .blue, percent: 25),
            .shared(incoming: .green, percent: 99),
        ],
        Slot.allCases,
    )
    func oneForTheEndOfSharing(split: TrafficSplit, slot: Slot) {
        #expect(
            commands(from: Sample.state(split), to: Sample.state(.all(slot))) == [
                "set map /home/edge/active.map shop.production shop.production/\(slot)"
            ]
        )
    }

    @Test("set every weight before traffic is shared")
    func sharing() {
        #expect(
            commands(
                from: Sample.state(.all(.blue)),
                to: Sample.state(.shared(incoming: .green, percent: 25)),
            )
                == [
                    "set server shop.production.mixed.web/blue-1 weight 256",
                    "set server shop.production.mixed.web/green-1 weight 85",
                    "set map /home/edge/active.map shop.production shop.production/mixed",
                ]
        )
    }

    @Test("only set weights when the shares change")
    func shares() {
        #expect(
            commands(
                from: Sample.state(.shared(incoming: .green, percent: 25)),
                to: Sample.state(.shared(incoming: .green, percent: 50)),
            ) == ["set server shop.production.mixed.web/green-1 weight 256"]
        )
    }

    @Test("fill a slot before anything can lead to it")
    func placing() {
        var before = Sample.state(.all(.blue))
        before[Sample.production]?.placements[.green] = nil
        #expect(
            commands(from: before, to: Sample.state(.all(.blue))) == [
                "set server shop.production.green.web/green-1 addr 127.0.0.1 port 20101",
                "set server shop.production.green.web/green-1 state ready",
                "set server shop.production.mixed.web/green-1 addr 127.0.0.1 port 20101",
                "set server shop.production.mixed.web/green-1 state ready",
                "add map /home/edge/routes.map shop.production/green/ shop.production.green.web",
                "add map /home/edge/releases.map shop.production/green r2",
            ]
        )
    }

    @Test("empty the places that a smaller release leaves, after everything else")
    func fewerReplicas() {
        let before = Sample.state(.all(.blue), blue: [20_001, 20_002], green: [20_101, 20_102])
        let after = Sample.state(.all(.blue), blue: [20_001, 20_002], green: [20_103])
        #expect(
            commands(from: before, to: after) == [
                "set server shop.production.green.web/green-1 addr 127.0.0.1 port 20103",
                "set server shop.production.green.web/green-1 state ready",
                "set server shop.production.mixed.web/green-1 addr 127.0.0.1 port 20103",
                "set server shop.production.mixed.web/green-1 state ready",
                "set server shop.production.green.web/green-2 state maint",
                "set server shop.production.mixed.web/green-2 state maint",
            ]
        )
    }

    @Test("take the routes of a cleared slot away before its servers")
    func clearing() {
        var after = Sample.state(.all(.blue))
        after[Sample.production]?.placements[.green] = nil
        #expect(
            commands(from: Sample.state(.all(.blue)), to: after) == [
                "del map /home/edge/routes.map shop.production/green/",
                "del map /home/edge/releases.map shop.production/green",
                "set server shop.production.green.web/green-1 state maint",
                "set server shop.production.mixed.web/green-1 state maint",
            ]
        )
    }

    @Test("answer a new domain only when its release answers, and the old one until then")
    func newDomain() {
        var before = Sample.state(.all(.blue))
        before[Sample.production]?.placements[.green]?.domain = "New.test"
        var after = before
        after[Sample.production]?.split = .all(.green)
        #expect(
            commands(from: before, to: after) == [
                "set map /home/edge/active.map shop.production shop.production/green",
                "add map /home/edge/hosts.map new.test shop.production",
                "del map /home/edge/hosts.map shop.test",
            ]
        )
    }

    @Test("answer both domains while two releases share traffic")
    func sharedDomains() {
        var state = Sample.state(.shared(incoming: .green, percent: 25))
        state[Sample.production]?.placements[.green]?.domain = "new.test"
        #expect(EdgeTables(state).maps[.hosts]?.keys.sorted() == ["new.test", "shop.test"])
    }

    private func commands(from before: EdgeState, to after: EdgeState) -> [String] {
        EdgeTables(after).commands(from: EdgeTables(before)) { Sample.settings.map($0) }
    }
}
