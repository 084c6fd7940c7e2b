// SPDX-License-Identifier: Apache-2.0
import Glibc
import HostSystem
import Synchronization

/// Ports for test servers: none twice in a process, and other processes' tests have others.
enum TestPorts {
    private static let blockSize = 100
    private static let given = Mutex(0)

    /// A port that nobody listens on, away from those that the kernel gives to clients.
    static func next() throws -> Int {
        let block = 20_000 + Int(getpid()) % 110 * blockSize
        return try given.withLock { given in
            while true {
                let port = block + given % blockSize
                given += 1
                if LocalPorts.isFree(port) { return port }
                if given > 10 * blockSize { throw NoPort() }
            }
        }
    }

    /// Every port of the block is taken.
    struct NoPort: Error {}
}
