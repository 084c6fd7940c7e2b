// SPDX-License-Identifier: Apache-2.0
import Core
import Crypto
import Glibc

/// The folder of a server's Unix socket, short enough for the kernel.
public struct SocketFolder: Hashable, Sendable {
    /// What fits into `sun_path` with its final zero (unix(7)).
    public static let longestSocket = 107

    /// Its path.
    public let path: String

    /// The wanted folder when it is short enough, otherwise one with a hash of it below `fallback`.
    public init(_ wanted: String, fallback: String = SystemUser.current.isRoot ? "/run" : "/tmp") {
        // No server's is longer than PostgreSQL's.
        let longestName = "/.s.PGSQL.65535"
        guard wanted.utf8.count + longestName.utf8.count > Self.longestSocket else {
            path = wanted
            return
        }
        let digest = SHA256.hash(data: Array(wanted.utf8)).prefix(10).hexadecimal
        path = "\(fallback)/opshub-\(digest)"
    }

    /// Makes it exist, for `owner` alone.
    ///
    /// Idempotent. Throws `conflict` when somebody else has put a folder or link in its place.
    public func make(for owner: SystemUser) throws {
        if unsafe mkdir(path, 0o700) == 0 {
            try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: path)
        } else if errno != EEXIST {
            throw Failure(
                .unexpected,
                "could not make the folder \(path)",
                cause: unsafe String(cString: strerror(errno)),
            )
        }
        var state = stat()
        guard unsafe lstat(path, &state) == 0, state.st_mode & S_IFMT == S_IFDIR,
            state.st_uid == owner.userID || state.st_uid == 0
        else {
            throw Failure(
                .conflict,
                "\(path) belongs to somebody else",
                hint: "remove it: the server of OpsHub needs it for its socket",
            )
        }
        try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: path)
        try Folder.setMode(0o700, of: path)
    }
}
