// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import PostgresTools

@Suite("How to reach a PostgreSQL server")
struct PostgresEndpointTests {
    private let endpoint = PostgresEndpoint(
        host: "/run/x",
        port: 5432,
        database: "tracehub",
        user: "ada",
        password: Secret("pass word"),
    )

    @Test("The password is given to libpq and shown nowhere")
    func password() {
        #expect(endpoint.keywords.contains { $0 == ("password", "pass word") })
        #expect(endpoint.parameters["password"] == nil)
        #expect(!endpoint.place.contains("pass"))
        #expect(!"\(endpoint)".contains("pass word"))
    }

    @Test("A URL comes first, so that what is said beside it wins")
    func url() {
        let endpoint = PostgresEndpoint(url: Secret("postgresql://a:secret@h:1/d")).named("opshub check")
        #expect(endpoint.keywords.map(\.name) == ["dbname", "application_name"])
        #expect(endpoint.keywords.first?.value == "postgresql://a:secret@h:1/d")
        #expect(!endpoint.place.contains("secret"))
        #expect(!"\(endpoint)".contains("secret"))
    }

    @Test("Settings become options in order, with spaces and backslashes escaped")
    func settings() {
        let endpoint = endpoint.with(settings: ["b": "x y", "a": "\\"])
        #expect(endpoint.parameters["options"] == "-c a=\\\\ -c b=x\\ y")
    }
}
