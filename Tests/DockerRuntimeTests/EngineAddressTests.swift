// SPDX-License-Identifier: Apache-2.0
import Core
import Testing

@testable import DockerRuntime

@Suite("The address of an engine")
struct EngineAddressTests {
    @Test(
        "is read as DOCKER_HOST has it",
        arguments: [
            ("unix:///var/run/docker.sock", "http+unix://%2Fvar%2Frun%2Fdocker.sock"),
            ("tcp://10.0.0.2:2375", "http://10.0.0.2:2375"),
        ],
    )
    func read(_ text: String, _ base: String) throws {
        let address = try EngineAddress(text)
        #expect(address.base == base)
        #expect(address.description == text)
    }

    @Test(
        "is refused when it is none",
        arguments: ["", "unix://", "unix://docker.sock", "tcp://x", "tcp://:1", "tcp://x:0", "http://x:1"],
    )
    func refused(_ text: String) {
        let failure = #expect(throws: Failure.self) { try EngineAddress(text) }
        #expect(failure?.code == .invalid)
    }

    @Test(
        "leads to the version that both speak",
        arguments: [
            ("1.12", "1.41", "1.41"), ("1.24", "1.45", "1.45"), ("1.44", "1.52", "1.47"),
            ("1.12", "1.40", nil),
            ("1.60", "1.70", nil),
        ],
    )
    func version(_ lowest: String, _ highest: String, _ spoken: String?) throws {
        let (lowest, highest) = (try #require(EngineVersion(lowest)), try #require(EngineVersion(highest)))
        #expect(EngineVersion.common(lowest: lowest, highest: highest)?.description == spoken)
    }
}
