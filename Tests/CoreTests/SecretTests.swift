// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@Suite("A secret")
struct SecretTests {
    @Test("shows nothing when it is printed, interpolated, dumped or put in a failure (Invariant 8)")
    func hidden() {
        let secret = Secret("hunter2-canary")
        var dumped = ""
        dump(["key": secret], to: &dumped)
        for text in [
            "\(secret)", String(reflecting: secret), dumped, "\(Failure(.invalid, "value \(secret)"))",
        ] {
            #expect(!text.contains("hunter2"))
        }
        #expect(secret.revealed() == "hunter2-canary")
    }
}
