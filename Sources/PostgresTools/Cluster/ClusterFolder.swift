// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// Where the parts of one accessory's cluster lie; pure paths.
struct ClusterFolder: Hashable {
    /// The accessory's folder.
    let path: String

    /// The folder of an accessory.
    init(_ accessory: AccessoryName, of environment: EnvironmentKey, in layout: HomeLayout) {
        self.init(path: layout.accessory(accessory, of: environment))
    }

    /// A folder by its path.
    init(path: String) {
        self.path = path
    }

    /// What the server keeps; belongs to the data account.
    var data: String { "\(path)/data" }
    /// A cluster that `initdb` has not finished; never used, made anew.
    var unfinishedData: String { "\(path)/data.partial" }
    /// Settings that the server reads and can't write.
    var configuration: String { "\(path)/config" }
    /// The password of the role that owns the database, 0600.
    var password: String { "\(path)/password" }
    /// How to reach the server.
    var record: String { "\(path)/accessory.json" }
    /// What runsv watches.
    var service: String { "\(path)/service" }
    /// What the server says.
    var log: String { "\(path)/log" }
    /// What is received of the server's log, and who receives it.
    var receiver: String { "\(path)/receiver" }
    /// What the server had counted of queries when the release that serves began.
    var queries: String { "\(path)/queries.json" }
    /// What is needed while a database is restored; belongs to the data account.
    func restoring(_ database: String) -> String { "\(path)/restoring-\(database)" }
    /// Where the socket is, when its path is short enough.
    var sockets: String { "\(path)/run" }
}
