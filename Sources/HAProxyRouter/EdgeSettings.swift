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
    /// One request in so many is logged, besides every one that OpsHub's edge answers itself or that is answered with 500
    /// and above; 1: every request.
    public var logSample: Int
    /// A program that writes the log, see `SupervisedProgram.Log.writer`.
    public var logWriter: [String]?

    /// Describes an edge.
    public init(
        folder: String,
        address: String = "127.0.0.1",
        port: Int = 8080,
        account: Account? = nil,
        logSample: Int = 1,
        logWriter: [String]? = nil,
    ) {
        self.folder = folder
        self.address = address
        self.port = port
        self.account = account
        self.logSample = logSample
        self.logWriter = logWriter
    }

    var configuration: String { "\(folder)/haproxy.cfg" }
    var state: String { "\(folder)/state.json" }
    var socket: String { "\(folder)/admin.sock" }
    var service: String { "\(folder)/service" }
    var log: String { "\(folder)/log" }
    func map(_ map: EdgeTables.Map) -> String { "\(folder)/\(map.rawValue).map" }
}
