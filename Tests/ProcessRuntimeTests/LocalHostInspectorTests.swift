// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import HostSystem
import ProcessRuntime
import Testing

@Suite("The local host", .timeLimit(.minutes(10)))
struct LocalHostInspectorTests {
    let inspector = LocalHostInspector()

    @Test("hands out free ports that are not promised already")
    func ports() async throws {
        let ports = try await inspector.freePorts(3, avoiding: [20_000, 20_001])
        #expect(ports.count == 3)
        #expect(ports.allSatisfy { (20_002...29_999).contains($0) })
        let failure = await #expect(throws: Failure.self) {
            try await LocalHostInspector(ports: 20_000...20_001).freePorts(1, avoiding: [20_000, 20_001])
        }
        #expect(failure?.code == .portTaken)
    }

    @Test("hands no port out twice to those who ask at the same time")
    func promised() async throws {
        let inspector = LocalHostInspector(ports: 21_000...21_099)
        let ports = try await withThrowingTaskGroup { group in
            for _ in 1...20 { group.addTask { try await inspector.freePorts(3, avoiding: []) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(ports.count == 60)
        #expect(Set(ports).count == 60)
    }

    @Test("names who listens on a port")
    func holder() async throws {
        try await TestHome.use { home in
            let instance = try await home.instance()
            #expect(try await inspector.holder(ofPort: instance.port) == nil)
            try await home.runtime.start(instance)
            try await eventually("it listens") { try await inspector.holder(ofPort: instance.port) != nil }
            let process = try await home.runtime.process(of: instance.id)
            #expect(try await inspector.holder(ofPort: instance.port)?.hasSuffix("(pid \(process))") == true)
        }
    }

    @Test("knows how much room there is")
    func disk() async throws {
        #expect(try await inspector.availableDisk(at: "/tmp") > ByteCount(0))
    }
}
