// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing

@testable import Vault

@Suite("The log of rclone")
struct RcloneLogTests {
    @Test("tells how many bytes more went, also when it begins anew, and keeps what it says besides")
    func lines() {
        let passed = Noted<Int>()
        let log = RcloneLog { passed.add($0) }
        for bytes in [0, 5, 12, 3, 9, 20] {
            log.take(#"{"level":"notice","msg":"12 B","stats":{"bytes":\#(bytes),"totalBytes":20}}"#)
        }
        log.take(#"{"level":"error","msg":"Failed to copy: AccessDenied","object":"dump"}"#)
        log.take("no JSON")
        #expect(passed.all == [5, 7, 8])
        #expect(log.words == "error: Failed to copy: AccessDenied\nno JSON")
    }
}
