// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem
import Testing

@Suite("A local port", .timeLimit(.minutes(10)))
struct LocalPortsTests {
    @Test(
        "is taken while somebody listens on it, and is said to be theirs",
        arguments: ["127.0.0.1", "0.0.0.0", "::"],
    )
    func taken(_ address: String) async throws {
        try await Scratch.use { scratch in
            let out = "\(scratch.path)/out"
            let script = """
                import socket, time
                s = socket.socket(socket.AF_INET6 if ':' in '\(address)' else socket.AF_INET)
                s.bind(('\(address)', 0)); s.listen()
                open('\(out)', 'w').write(str(s.getsockname()[1]) + '\\n'); time.sleep(600)
                """
            let program = scratch.program(["python3", "-c", script]) {
                $0.ambient = ["PATH": ExecutablePath.folders]
            }
            try await Supervisor().ensure(program)
            let port = try #require(Int(try await content(of: out)))
            #expect(!LocalPorts.isFree(port))
            let holder = try #require(LocalPorts.holder(of: port))
            #expect(holder.process == (try Supervisor().process(of: program)))
            #expect(holder.description == "\(holder.name) (pid \(holder.process))")
            #expect(holder.name.hasPrefix("python"))
            try await Supervisor().stop(program.folder)
            #expect(LocalPorts.isFree(port))
            #expect(LocalPorts.holder(of: port) == nil)
        }
    }

    @Test("is never free when it is no port", arguments: [-1, 0, 65_536, .max])
    func impossible(_ port: Int) {
        #expect(!LocalPorts.isFree(port))
    }

    @Test("is found where one is free and not promised already")
    func allocated() throws {
        let ports = try LocalPorts.allocate(3, from: 21_000...21_999)
        #expect(ports.count == 3)
        #expect(ports == ports.sorted())
        let others = try LocalPorts.allocate(3, from: 21_000...21_999, avoiding: Set(ports))
        #expect(Set(ports).isDisjoint(with: others))
        let failure = #expect(throws: Failure.self) {
            try LocalPorts.allocate(2, from: ports[0]...ports[0])
        }
        #expect(failure?.code == .portTaken)
    }
}
