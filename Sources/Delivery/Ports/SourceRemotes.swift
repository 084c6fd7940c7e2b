// SPDX-License-Identifier: Apache-2.0
public import Core

/// The Git remotes that projects follow, when they are not pushed to OpsHub itself.
public protocol SourceRemotes: Sendable {
    /// The remote that a project follows; nil when it is pushed to OpsHub.
    func remote(of project: ProjectName) async throws -> SourceRemote?

    /// The token that a project shows to its remote; nil when it has none.
    func credential(of project: ProjectName) async throws -> Secret?

    /// Makes a project follow a remote from now on. A credential that is not given stays as it was while the address does, and
    /// goes with it: it was meant for that one.
    ///
    /// - Throws: `invalid` for an address that can't be used.
    func follow(_ remote: SourceRemote, credential: Secret?, as project: ProjectName) async throws

    /// Makes a project follow nothing: it is pushed to OpsHub from then on. Its token goes; commits and the deploy key, which a
    /// remote may know, stay. Idempotent.
    func unfollow(_ project: ProjectName) async throws

    /// Asks the remote for its branches and fetches what is new; moves no branch of the project's own repository.
    ///
    /// - Returns: The newest commit of every branch, all of them there now.
    /// - Throws: `unreachable`, `unauthorized`, `not-found` when there is no such repository, `invalid` when it is shallow or
    ///   too large, `disk-full`. Nothing has changed then.
    func fetch(_ project: ProjectName) async throws -> [String: CommitID]

    /// The public half of the key that the project shows to its remote over SSH; nil when it has none.
    func deployKey(of project: ProjectName) async throws -> String?
}

/// Where a project's commits come from.
public struct SourceRemote: Sendable, Hashable, Codable {
    /// `https://host/path`, `ssh://user@host/path`, `user@host:path`, `file:///path` or an absolute path; holds no password.
    public var url: String
    /// Between two looks; some more or less each time, so that not everybody asks at once.
    public var interval: Duration

    /// How often is asked when nobody says: 30 s, as often as for branches that are pushed here.
    public static let usualInterval = Duration.seconds(30)

    /// Describes a remote.
    public init(url: String, interval: Duration = usualInterval) {
        self.url = url
        self.interval = interval
    }
}
