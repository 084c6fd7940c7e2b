// SPDX-License-Identifier: Apache-2.0
public import Core

/// Where a container engine answers.
public struct EngineAddress: Sendable, Hashable, CustomStringConvertible {
    /// How it is reached.
    enum Way: Sendable, Hashable {
        case socket(path: String)
        case network(host: String, port: Int)
        case unusable(String)
    }

    let way: Way

    /// The address of Docker as it comes.
    public static let usual = EngineAddress(socket: "/var/run/docker.sock")

    /// An address that can't be used, and of which that is told when it is.
    public static func unusable(_ text: String) -> EngineAddress { EngineAddress(way: .unusable(text)) }

    private init(way: Way) {
        self.way = way
    }

    /// A Unix socket, by its absolute path.
    public init(socket path: String) {
        way = .socket(path: path)
    }

    /// Reads an address as `DOCKER_HOST` has it: `unix:///var/run/docker.sock`, `tcp://10.0.0.2:2376`.
    ///
    /// Throws `invalid` for any other.
    public init(_ text: String) throws(Failure) {
        if let path = text.removingPrefix("unix://"), path.hasPrefix("/") {
            way = .socket(path: path)
            return
        }
        if let place = text.removingPrefix("tcp://") {
            let parts = place.split(separator: ":", omittingEmptySubsequences: false)
            if parts.count == 2, !parts[0].isEmpty, let port = Int(parts[1]), (1...65_535).contains(port) {
                way = .network(host: String(parts[0]), port: port)
                return
            }
        }
        throw Failure(
            .invalid,
            "'\(text)' is no address of a container engine",
            hint: "opshub serve --engine unix:///var/run/docker.sock, or tcp://HOST:PORT",
        )
    }

    /// As `DOCKER_HOST` has it.
    public var description: String {
        switch way {
        case .socket(let path): "unix://\(path)"
        case .network(let host, let port): "tcp://\(host):\(port)"
        case .unusable(let text): text
        }
    }

    /// What an HTTP client takes for the beginning of every address.
    var base: String {
        switch way {
        case .socket(let path):
            "http+unix://" + path.replacing("%", with: "%25").replacing("/", with: "%2F")
        case .network(let host, let port): "http://\(host):\(port)"
        // No such scheme: whoever asks is told that it does not answer, with the address.
        case .unusable: "unusable://"
        }
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
