// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem

/// Where the parts of a Redis accessory lie.
struct RedisPlace: Hashable {
    /// The accessory's folder.
    let path: String

    /// The place of an accessory.
    init(_ accessory: AccessoryName, of environment: EnvironmentKey, in layout: HomeLayout) {
        path = layout.accessory(accessory, of: environment)
    }

    /// The place of what is backed up.
    init(_ database: DatabaseTarget, in layout: HomeLayout) {
        self.init(database.accessory, of: database.environment, in: layout)
    }

    /// What the server keeps; belongs to the data account.
    var data: String { "\(path)/data" }
    /// What was not made completely.
    var unfinished: String { "\(path)/data.partial" }
    /// Settings that the server reads and can't write.
    var configuration: String { "\(path)/config" }
    /// Who may get in, and with which password's hash.
    var users: String { "\(configuration)/users.acl" }
    /// The application's password, 0600.
    var password: String { "\(path)/password" }
    /// OpsHub's own, 0600.
    var ownPassword: String { "\(path)/password-opshub" }
    /// How to reach the server.
    var record: String { "\(path)/redis.json" }
    /// What runsv watches.
    var service: String { "\(path)/service" }
    /// What the server says.
    var log: String { "\(path)/log" }
    /// The socket, for OpsHub.
    var socket: String { "\(SocketFolder("\(path)/run").path)/redis" }
    /// The server's process.
    var processFile: String { "\(SocketFolder("\(path)/run").path)/redis.pid" }
    /// What restores prepare, and what they have replaced.
    var closed: String { "\(path)/closed" }
    /// Where backups are proven.
    var drills: String { "\(path)/drills" }

    /// There while data are being exchanged.
    var exchanging: String { "\(closed)/exchanging" }

    /// A folder of data of OpsHub's own.
    func copy(_ name: String) -> String { "\(closed)/\(name)" }

    /// Those that there are, in order.
    func copies() throws(Failure) -> [String] {
        try Folder.names(in: closed).filter { ScratchDatabase.isOwn($0) }
    }
}
