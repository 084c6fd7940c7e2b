// SPDX-License-Identifier: Apache-2.0

/// Where everything lives below `$OPSHUB_HOME`; pure paths, no I/O.
///
/// Drawn in docs/ARCHITECTURE.md.
public struct HomeLayout: Hashable, Sendable {
    /// The folder itself, absolute, without a trailing slash.
    public let root: String

    /// The layout below an absolute folder.
    public init(root: String) {
        self.root = root
    }

    /// The state database.
    public var database: String { "\(root)/opshub.db" }
    /// Held locked by the one control plane of this home.
    public var lock: String { "\(root)/serve.lock" }
    /// Address and process id of the control plane that runs, for the command line.
    public var runInfo: String { "\(root)/serve.json" }
    /// Keys and tokens, 0700.
    public var keys: String { "\(root)/keys" }
    /// The local command line's token, 0600.
    public var token: String { "\(keys)/token" }
    /// The key of every backup, 0600.
    public var recoveryKey: String { "\(keys)/recovery.key" }
    /// Copies of this program that supervised services run; readable by everyone.
    public var programs: String { "\(root)/bin" }
    /// The edge's configuration, maps and sockets.
    public var edge: String { "\(root)/edge" }
    /// Empty database clusters, of which throwaway servers begin as copies.
    public var clusters: String { "\(root)/clusters" }
    /// Bare repositories.
    public var repositories: String { "\(root)/git" }

    /// Checkouts that something is read from and that are removed again.
    public var previews: String { "\(root)/previews" }

    /// The embedded remote of a project.
    public func repository(of project: ProjectName) -> String { "\(repositories)/\(project).git" }

    /// Which remote a project follows, and the keys that it shows there; 0700.
    public func remote(of project: ProjectName) -> String { "\(keys)/remotes/\(project)" }

    /// Where off-site stores are, and what is shown to them; 0700.
    public var stores: String { "\(keys)/stores" }

    /// Everything of one environment.
    public func environment(_ key: EnvironmentKey) -> String {
        "\(root)/projects/\(key.project)/\(key.environment)"
    }

    /// A release's immutable checkout and build.
    public func release(_ id: String, of key: EnvironmentKey) -> String {
        "\(environment(key))/releases/\(id)"
    }

    /// Service folders of the instances in a slot.
    public func slot(_ slot: String, of key: EnvironmentKey) -> String { "\(environment(key))/slots/\(slot)" }

    /// Data and service folder of an accessory.
    public func accessory(_ name: AccessoryName, of key: EnvironmentKey) -> String {
        "\(environment(key))/accessories/\(name)"
    }

    /// Dumps and their manifests.
    public func backups(of key: EnvironmentKey) -> String { "\(environment(key))/backups" }

    /// Write-ahead logs of servers, a folder for each.
    public func logArchives(of key: EnvironmentKey) -> String { "\(environment(key))/wal" }

    /// Files that outlive releases.
    public func shared(of key: EnvironmentKey) -> String { "\(environment(key))/shared" }
}
