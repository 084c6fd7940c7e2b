// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@Suite("A program that is required")
struct RequiredProgramTests {
    @Test(
        "says its version, when it is new enough",
        arguments: [
            ("git version 2.36.0", "2.36.0"), ("git version 10.1 (some build)", "10.1"),
            ("HAProxy version 2.36.12-1+deb12u4 2026/10/17 - https://haproxy.org/", "2.36.12-1+deb12u4"),
        ],
    )
    func newEnough(says: String, version: String) async throws {
        let found = try await Self.program(says).version()
        #expect(found == version)
    }

    @Test(
        "is refused when it is too old, or says nothing that is a version",
        arguments: [
            "git version 2.35.9", "git version 1.99", "HAProxy version 2", "no words", "version", "",
        ],
    )
    func tooOld(says: String) async throws {
        let failure = await #expect(throws: Failure.self) { try await Self.program(says).version() }
        #expect(failure?.code == .missingProgram)
        #expect(failure?.message.contains("is too old; 2.36 or newer is needed") == true)
    }

    @Test("is refused with the package that has it when it is not there")
    func missing() async throws {
        let absent = RequiredProgram("Nothing", Program("no-such-program"), oldest: [1], package: "nothing")
        let failure = await #expect(throws: Failure.self) { try await absent.version() }
        #expect(failure?.code == .missingProgram)
        #expect(failure?.message == "Nothing is not installed")
        #expect(failure?.hint?.contains("apt-get install nothing") == true)
    }

    private static func program(_ says: String) -> RequiredProgram {
        RequiredProgram("Git", Program("echo", [says]), oldest: [2, 36], package: "git")
    }
}
