// SPDX-License-Identifier: Apache-2.0
import API
import Core
import HTTPTypes
import HummingbirdTesting
import Testing

@Suite("The API of people")
struct PeopleRouteTests {
    @Test("gives roles and takes them, for owners alone")
    func roles() async throws {
        try await Desk.run { desk in
            let path = "/api/v1/people"
            #expect(try await desk.get(path).value([PersonView].self) == [])
            let first = try await desk.post(path, #"{"name":"Ada","role":"owner"}"#, as: "Ada")
                .value([PersonView].self)
            #expect(first == [PersonView(name: "Ada", role: "OWNER")])
            let both = try await desk.post(path, #"{"name":"Bea","role":"DEVELOPER"}"#, as: "Ada")
                .value([PersonView].self)
            #expect(both.map(\.name) == ["Ada", "Bea"])
            let other = try await desk.post(path, #"{"name":"Bea","role":"OWNER"}"#, as: "Bea")
            #expect(try other.problem(.conflict, "conflict").title.contains("Bea is DEVELOPER"))
            let unknown = try await desk.post(path, #"{"name":"Bea","role":"KING"}"#, as: "Ada")
            #expect(try unknown.problem(.badRequest, "invalid").title == "there is no role 'KING'")
            let nobody = try await desk.post("\(path)/removal", #"{"name":"Cy"}"#, as: "Ada")
            _ = try nobody.problem(.notFound, "not-found")
            let left = try await desk.post("\(path)/removal", #"{"name":"Bea"}"#, as: "Ada")
                .value([PersonView].self)
            #expect(left == first)
        }
    }
}
