// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import HostSystem

/// Looks at the machine that OpsHub itself runs on.
public struct LocalHostInspector: HostInspector {
    private let range: ClosedRange<Int>
    private let required: [RequiredProgram]
    private let promises = PortPromises()

    /// An inspector that hands out ports of a range, and knows which programs a deployment needs.
    ///
    /// The default lies below the ports that Linux gives to clients (32768 and up), and above those that people choose.
    public init(ports range: ClosedRange<Int> = 20_000...29_999, programs required: [RequiredProgram] = []) {
        self.range = range
        self.required = required
    }

    /// The programs that it was told of, with their versions.
    public func programs() async throws -> [String] {
        var found: [String] = []
        for program in required { found.append("\(program.name) \(try await program.version())") }
        return found
    }

    /// Free bytes on the file system that holds `path`.
    public func availableDisk(at path: String) async throws -> ByteCount {
        try DiskSpace.available(at: path)
    }

    /// What the kernel estimates could be used without swapping (proc(5), MemAvailable).
    public func availableMemory() async throws -> ByteCount { try MemoryInformation.available() }

    /// Who listens on a loopback port, in words; nil when it is free.
    public func holder(ofPort port: Int) async throws -> String? {
        LocalPorts.isFree(port) ? nil : LocalPorts.holder(of: port)?.description ?? "another process"
    }

    /// Loopback ports that nobody listens on and that are not in `avoiding`; nor were they handed out in the last minute, for
    /// who got them may not listen yet.
    public func freePorts(_ count: Int, avoiding: Set<Int>) async throws -> [Int] {
        try promises.take { try LocalPorts.allocate(count, from: range, avoiding: avoiding.union($0)) }
    }
}
