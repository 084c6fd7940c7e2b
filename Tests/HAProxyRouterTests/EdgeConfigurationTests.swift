// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import Testing

@testable import HAProxyRouter

/// The text of `haproxy.cfg`, and what of it needs a reload.
@Suite("The edge's configuration")
struct EdgeConfigurationTests {
    @Test("is exactly this text", arguments: try EdgeFixture.all("configuration"))
    func golden(fixture: EdgeFixture) throws {
        let text = EdgeConfiguration(settings: Sample.settings, state: try fixture.state()).text
        #expect(text == (try fixture.text("expected.cfg")))
    }

    @Test("has exactly these maps beside it", arguments: try EdgeFixture.all("configuration"))
    func goldenMaps(fixture: EdgeFixture) throws {
        let tables = EdgeTables(try fixture.state())
        let text = EdgeTables.Map.allCases.map { map in
            let entries = (tables.maps[map] ?? [:]).sorted { $0.key < $1.key }
            return "# \(map.rawValue)\n" + entries.map { "\($0.key) \($0.value)\n" }.joined()
        }
        #expect(text.joined() == (try fixture.text("expected.maps")))
    }

    @Test("gives the account up after the ports are bound")
    func account() {
        var settings = Sample.settings
        settings.account = .init(user: "edge", group: "edges")
        let text = EdgeConfiguration(settings: settings, state: EdgeState()).text
        #expect(text.contains("\n    user edge\n    group edges\n"))
        #expect(!EdgeConfiguration(settings: Sample.settings, state: EdgeState()).text.contains("user "))
    }

    @Test(
        "has one shape whatever is placed and wherever traffic goes",
        arguments: [TrafficSplit.none, .all(.green), .shared(incoming: .green, percent: 10)],
    )
    func sameShape(split: TrafficSplit) {
        let here = Sample.state(.all(.blue), green: [20_101, 20_102])
        var there = Sample.state(split, blue: [20_301, 20_302], green: [20_401])
        there[Sample.production]?.placements[.green]?.domain = "other.test"
        #expect(shape(here) == shape(there))
        #expect(
            EdgeConfiguration(settings: Sample.settings, state: here).text
                != EdgeConfiguration(settings: Sample.settings, state: there).text
        )
    }

    @Test("has another shape when a service, its port, its places or an environment is new")
    func otherShape() {
        let before = Sample.state(.all(.blue))
        var service = before
        service[Sample.production]?.placements[.green]?.instances[Sample.api] = [20_201]
        var port = before
        port[Sample.production]?.placements[.green]?.ports[Sample.web] = 3000
        let places = Sample.state(.all(.blue), green: [20_101, 20_102])
        var environment = before
        environment[Sample.staging] = .init(
            key: Sample.staging,
            placements: [.blue: Sample.placement(.blue, "s1", ports: [1], of: Sample.staging)],
        )
        let shapes = [before, service, port, places, environment].map(shape)
        #expect(Set(shapes).count == shapes.count)
    }

    @Test("does not depend on the order in which environments came")
    func order() {
        let environments = [Sample.staging, Sample.production, Sample.key("blog", "main")]
            .map { key in
                EdgeState.Environment(
                    key: key,
                    placements: [.blue: Sample.placement(.blue, "r1", ports: [1], of: key)],
                )
            }
        let texts = [environments, environments.reversed()]
            .map { order in
                var state = EdgeState()
                for environment in order { state[environment.key] = environment }
                return EdgeConfiguration(settings: Sample.settings, state: state).text
            }
        #expect(texts[0] == texts[1])
    }

    private func shape(_ state: EdgeState) -> String {
        EdgeConfiguration(settings: Sample.settings, state: state).shape
    }
}
