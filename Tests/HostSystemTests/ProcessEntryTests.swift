// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("A process in the process table")
struct ProcessEntryTests {
    @Test("is read whatever its name is", arguments: ["sh", "a b", ") R 1 1 1", "((", "x) S"])
    func names(_ name: String) throws {
        let rest =
            "S 1 32005 32005 0 -1 4194304 75 0 0 0 0 0 0 0 20 0 1 0 153818 2654208 394 18446744073709551615"
        let entry = try #require(ProcessEntry(stat: Array("32005 (\(name)) \(rest)\n".utf8)))
        #expect(entry.id == 32005)
        #expect(entry.name == name)
        #expect(entry.state == "S")
        #expect(entry.parent == 1)
        #expect(entry.session == 32005)
        #expect(entry.startTicks == 153_818)
        #expect(entry.residentPages == 394)
    }

    @Test(
        "is none when the text is none",
        arguments: ["", "1", "1 (sh) S 1", "x (sh) S 1 1 1 0 0 0 0", ")(", "("],
    )
    func garbage(_ text: String) {
        #expect(ProcessEntry(stat: Array(text.utf8)) == nil)
    }

    @Test("is found: this one")
    func current() throws {
        let entry = try #require(ProcessTable.entry(getpid()))
        #expect(entry.parent == getppid())
        #expect(entry.session == getsid(0))
        #expect(ProcessTable.all().contains { $0.id == getpid() })
        #expect(ProcessTable.boot.count == 36)
        #expect(ProcessTable.memory(ofSession: getsid(0)) > .mebibytes(1))
    }
}
