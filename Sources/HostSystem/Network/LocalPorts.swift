// SPDX-License-Identifier: Apache-2.0
public import Core
import Glibc

/// TCP ports of the loopback address.
public enum LocalPorts {
    /// Whether a server could listen on 127.0.0.1 with this port now.
    ///
    /// Asked as servers ask, with SO_REUSEADDR, and without listening, so that nobody is kept out by the
    /// question.
    public static func isFree(_ port: Int) -> Bool {
        guard let number = UInt16(exactly: port), number > 0 else { return false }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, size) == 0 else { return false }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = number.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    /// Free ports, lowest first, that are not among `taken`.
    ///
    /// A range below 32768 keeps them apart from the ports that the kernel gives to clients. Throws `port-taken` when
    /// the range has not enough.
    public static func allocate(
        _ count: Int,
        from range: ClosedRange<Int>,
        avoiding taken: Set<Int> = [],
    ) throws(Failure) -> [Int] {
        var found: [Int] = []
        for port in range where found.count < count && !taken.contains(port) && isFree(port) {
            found.append(port)
        }
        guard found.count == count else {
            throw Failure(
                .portTaken,
                "only \(found.count) of \(count) ports are free between \(range.lowerBound) and \(range.upperBound)",
                hint: "see who listens with 'ss -ltnp'",
                isRetryable: true,
            )
        }
        return found
    }

    /// Who listens on a port of this machine, whatever the address; nil when nobody does or it can't be seen, as for
    /// other people's processes without root.
    public static func holder(of port: Int) -> PortHolder? {
        let wanted = Set(TCPTable().sockets.filter { $0.isListening && $0.port == port }.map(\.name))
        guard !wanted.isEmpty else { return nil }
        for process in ProcessTable.all()
        where !process.isZombie && !TCPTable.names(of: process.id).isDisjoint(with: wanted) {
            return PortHolder(process: process.id, name: process.name)
        }
        return nil
    }

    /// The ports from which processes that were started with exactly this variable are connected with a server's port.
    ///
    /// None of processes that can't be seen, as other people's without root.
    public static func used(
        byProcessesGiven variable: String,
        _ value: String,
        toReach port: Int,
    ) -> Set<Int> {
        ProcessTable.ids
            .filter { ProcessTable.process($0, wasGiven: variable, value) }
            .reduce(into: []) { ports, process in
                let own = TCPTable.names(of: process)
                // It may see another network than this process does.
                let sockets = TCPTable(of: "\(process)").sockets
                ports.formUnion(sockets.filter { $0.remotePort == port && own.contains($0.name) }.map(\.port))
            }
    }
}
