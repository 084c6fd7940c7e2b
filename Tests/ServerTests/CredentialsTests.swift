// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

@testable import Server

/// What an `Authorization` header says.
@Suite("Credentials")
struct CredentialsTests {
    @Test("of Bearer are a token and nobody", arguments: ["Bearer t:o=k", "bearer t:o=k", "BEARER t:o=k"])
    func bearer(header: String) throws {
        let credentials = try #require(Credentials(header))
        #expect(credentials.token == "t:o=k")
        #expect(credentials.person == nil)
    }

    @Test(
        "of Basic are a token and a person who may be nobody",
        arguments: [
            ("ada:token", "ada"), (":token", nil), ("a d a:token", "a d a"), ("Løvelace:token", "Løvelace"),
        ],
    )
    func basic(pair: String, person: String?) throws {
        let credentials = try #require(Credentials("Basic \(Data(pair.utf8).base64EncodedString())"))
        #expect(credentials.token == "token")
        #expect(credentials.person == person)
    }

    @Test("of Basic have everything behind the first colon as the token")
    func colons() throws {
        let credentials = try #require(Credentials("Basic \(Data("ada:to:k:en".utf8).base64EncodedString())"))
        #expect(credentials.token == "to:k:en")
    }

    @Test(
        "are none in any other header",
        arguments: [nil, "", " ", "Bearer", "Basic", "Basic !", "Basic YWRh", "Digest x", "token"],
    )
    func none(header: String?) {
        #expect(Credentials(header) == nil)
    }
}
