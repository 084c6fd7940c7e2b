// SPDX-License-Identifier: Apache-2.0
public import Core
public import Manifest

/// Where stateful companions run.
///
/// They outlive the control plane and every release.
public protocol AccessoryRuntime: Sendable {
    /// Makes the accessory exist and run, and returns once it answers: data folder, account, password, database.
    ///
    /// Idempotent; existing data is never touched. Throws `missing-program` when its server is not installed,
    /// `port-taken` (and by whom) when somebody else listens on its port.
    func ensure(_ accessory: AccessorySpecification) async throws -> AccessoryAddress

    /// What it would run on, as it is installed: `PostgreSQL 15.20`. Throws `missing-program` without one.
    func version(of accessory: AccessoryManifest) async throws -> String

    /// Where the accessory is; nil when it was never made.
    func address(of accessory: AccessorySpecification) async throws -> AccessoryAddress?
}

/// One accessory of one environment.
public struct AccessorySpecification: Sendable, Hashable {
    /// The environment.
    public var environment: EnvironmentKey
    /// What it is.
    public var manifest: AccessoryManifest
    /// The loopback port that it listens on; nothing for a folder.
    public var port: Int

    /// Describes an accessory.
    public init(environment: EnvironmentKey, manifest: AccessoryManifest, port: Int) {
        self.environment = environment
        self.manifest = manifest
        self.port = port
    }
}

/// How a service reaches an accessory.
public enum AccessoryAddress: Sendable, Hashable {
    /// A database of a PostgreSQL server.
    case database(DatabaseAddress)
    /// A Redis server on a loopback port.
    case redis(port: Int, password: Secret)
    /// A folder, by its path.
    case folder(String)
    /// A container, by the name that services know it by; with what of its variables nobody may read.
    case container(name: String, secrets: [Secret])

    /// The database, if it is one.
    public var database: DatabaseAddress? {
        guard case .database(let address) = self else { return nil }
        return address
    }

    /// The port that it listens on, if it does.
    public var port: Int? {
        switch self {
        case .database(let address): address.port
        case .redis(let port, _): port
        case .folder, .container: nil
        }
    }

    /// The address of a server with everything that is needed to get in.
    public var url: Secret? {
        switch self {
        case .database(let address): address.url
        // Its password has only unreserved characters. With the user's name: not every client takes an empty one for it.
        case .redis(let port, let password):
            Secret("redis://default:\(password.revealed())@127.0.0.1:\(port)/0")
        case .folder, .container: nil
        }
    }

    /// What nobody may read.
    public var secrets: [Secret] {
        switch self {
        case .database(let address): [address.password, address.url]
        case .redis(_, let password): [password] + [url].compactMap { $0 }
        case .folder: []
        case .container(_, let secrets): secrets
        }
    }
}

extension AccessoryAddress: CustomStringConvertible {
    /// What follows its name in a sentence: `answers on 127.0.0.1:5432`.
    public var description: String {
        switch self {
        case .database(let address): "answers on \(address.host):\(address.port)"
        case .redis(let port, _): "answers on 127.0.0.1:\(port)"
        case .folder(let path): "is \(path)"
        case .container(let name, _): "is there, as \(name) in its networks"
        }
    }
}

/// How a service reaches its database.
public struct DatabaseAddress: Sendable, Hashable {
    /// A loopback address.
    public var host: String
    /// Its port.
    public var port: Int
    /// The database.
    public var database: String
    /// The role, which owns the database.
    public var user: String
    /// The role's password.
    public var password: Secret

    /// Describes an address.
    public init(host: String, port: Int, database: String, user: String, password: Secret) {
        self.host = host
        self.port = port
        self.database = database
        self.user = user
        self.password = password
    }

    /// `postgresql://user:password@host:port/database`, as `DATABASE_URL` holds it.
    ///
    /// The password has only unreserved characters.
    public var url: Secret {
        Secret("postgresql://\(user):\(password.revealed())@\(host):\(port)/\(database)")
    }
}
