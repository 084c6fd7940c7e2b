// SPDX-License-Identifier: Apache-2.0
import DataSafety
import Testing

@Suite("Claims within a process")
struct ClaimsTests {
    @Test("The second taker is told who has it, until it is given back")
    func taking() {
        let claims = Claims<String>()
        #expect(claims.take("db", for: "backup b1") == nil)
        #expect(claims.take("db", for: "a migration") == "backup b1")
        #expect(claims.take("other", for: "a migration") == nil)
        #expect(claims.keys == ["db", "other"])
        claims.release("db")
        claims.release("db")
        #expect(claims.take("db", for: "a migration") == nil)
    }
}
