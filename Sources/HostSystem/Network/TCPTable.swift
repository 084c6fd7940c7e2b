// SPDX-License-Identifier: Apache-2.0
import Core
import FoundationEssentials

/// The kernel's table of TCP sockets: /proc/net/tcp of proc(5).
struct TCPTable {
    /// One end of a connection, or of none yet.
    struct Socket: Hashable {
        /// Its own port.
        var port: Int
        /// The other end's; 0 for one that listens.
        var remotePort: Int
        var isListening: Bool
        /// As links to it are called: `socket:[4711]`.
        var name: String
    }

    /// Every socket in it.
    let sockets: [Socket]

    /// As a process sees it; empty for one that has ended.
    init(of process: String = "self") {
        // Without IPv6 there is no second table.
        let texts = ["tcp", "tcp6"]
            .compactMap { (try? FileContent.text(of: "/proc/\(process)/net/\($0)")) ?? nil }
        sockets = texts.flatMap(Self.sockets)
    }

    /// Local address is the second field, the other end's the third, state the fourth (0A: LISTEN), inode the tenth.
    private static func sockets(_ text: String) -> [Socket] {
        text.split(separator: "\n").dropFirst()
            .compactMap { line in
                let fields = line.split(separator: " ")
                guard fields.count > 9, let port = Self.port(fields[1]), let remote = Self.port(fields[2])
                else { return nil }
                let name = "socket:[\(fields[9])]"
                return Socket(port: port, remotePort: remote, isListening: fields[3] == "0A", name: name)
            }
    }

    /// Of an address as it is written there: `0100007F:1F90`.
    private static func port(_ address: Substring) -> Int? {
        address.split(separator: ":").last.flatMap { Int($0, radix: 16) }
    }

    /// What a process has open, by the names of its links; nothing where that can't be seen.
    static func names(of process: Int32) -> Set<String> {
        let (folder, files) = ("/proc/\(process)/fd", FileManager.default)
        // Other people's open files can't be seen, and then nothing is known of them.
        let links = (try? files.contentsOfDirectory(atPath: folder)) ?? []
        // One that was closed meanwhile is nothing any more.
        return Set(links.compactMap { try? files.destinationOfSymbolicLink(atPath: "\(folder)/\($0)") })
    }
}
