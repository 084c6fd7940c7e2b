// SPDX-License-Identifier: Apache-2.0
import Core
import Synchronization

/// Ports that were handed out a moment ago: until whoever got one listens there, nobody else can see that it is taken.
///
/// Two environments that start instances at the same time would get the same ports without it.
final class PortPromises: Sendable {
    /// Long enough to write down who has the port, which keeps it from being handed out from then on.
    private static let term = Duration.seconds(60)
    private let promised = Mutex<[Int: ContinuousClock.Instant]>([:])

    /// Lets `choose` choose ports, given those that it must not, and promises what it chose; one at a time.
    func take(_ choose: (Set<Int>) throws -> [Int]) rethrows -> [Int] {
        try promised.withLock { promised in
            let now = ContinuousClock.now
            promised = promised.filter { now - $0.value < Self.term }
            let ports = try choose(Set(promised.keys))
            for port in ports { promised[port] = now }
            return ports
        }
    }
}
