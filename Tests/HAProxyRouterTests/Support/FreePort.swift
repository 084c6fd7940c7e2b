// SPDX-License-Identifier: Apache-2.0
import HostSystem
import Synchronization

/// Ports that nobody listens on, and that no other test was given.
enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// The next one: drawn at random, because other test runs may draw too, and below those that the kernel gives to
    /// clients.
    static func next() throws -> Int {
        try given.withLock { given in
            let start = Int.random(in: 10_000...31_000)
            let port = try LocalPorts.allocate(1, from: start...(start + 500), avoiding: given)[0]
            given.insert(port)
            return port
        }
    }
}
