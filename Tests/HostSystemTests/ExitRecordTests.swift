// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Testing

@testable import HostSystem

@Suite("The record of a program's endings")
struct ExitRecordTests {
    @Test("tells the count and the last ending")
    func last() {
        let record = ExitRecord(text: "11 1795224251 -1 9\n12 1795224252 3 0\n")
        #expect(record.count == 12)
        #expect(
            record.last == ProgramExit(at: Date(timeIntervalSince1970: 1_795_224_252), ending: .exited(3))
        )
        #expect(record.last?.description == "exit status 3")
        #expect(ExitRecord(text: "11 1795224251 -1 9\n").last?.description == "signal 9")
    }

    @Test(
        "says never when there is nothing that can be read",
        arguments: [nil, "", "x", "1 2", "a b c d", "1 2 3 4 5"],
    )
    func nothing(_ text: String?) {
        #expect(ExitRecord(text: text).count == 0)
        #expect(ExitRecord(text: text).last == nil)
    }
}
