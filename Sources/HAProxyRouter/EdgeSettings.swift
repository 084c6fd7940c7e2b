// SPDX-License-Identifier: Apache-2.0

/// What the edge of an installation is told once.
public struct EdgeSettings: Sendable, Hashable {
    /// An account of this machine.
    public struct Account: Sendable, Hashable {
        /// Its name.
        public var user: String
        /// Its group's name.
        public var group: String

        /// Describes an account.
        public init(user: String, group: String) {
            self.user = user
            self.group = group
        }
    }

    /// The edge's folder.
    public var folder: String
    /// Where domains are answered.
    public var address: String
    /// The port of that.
    public var port: Int
    /// Who the edge runs as after it has bound its ports; nil: whoever starts it.
    public var account: Account?

    /// Describes an edge.
    public init(folder: String, address: String = "127.0.0.1", port: Int = 8080, account: Account? = nil) {
        self.folder = folder
        self.address = address
        self.port = port
        self.account = account
    }

    var configuration: String { "\(folder)/haproxy.cfg" }
    var state: String { "\(folder)/state.json" }
    var socket: String { "\(folder)/admin.sock" }
    var service: String { "\(folder)/service" }
    var log: String { "\(folder)/log" }
    func map(_ map: EdgeTables.Map) -> String { "\(folder)/\(map.rawValue).map" }
}
