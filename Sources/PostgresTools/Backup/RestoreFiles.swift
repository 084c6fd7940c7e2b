// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// What `pg_restore` reads by name while one dump is restored: definitions and numbers, no rows.
struct RestoreFiles {
    private let folder: String
    private let owner: SystemUser

    /// Of a database, beside its server's folder, so that they are found again after a crash.
    ///
    /// Throws `damaged-state` when the account of its server is gone.
    init(of database: String, _ access: ClusterAccess) throws(Failure) {
        folder = access.folder.restoring(database)
        guard let owner = SystemUser.find(name: access.record.account) else {
            throw Failure(.damagedState, "the account \(access.record.account) is gone")
        }
        self.owner = owner
    }

    /// Where they are.
    struct Paths {
        /// The dump without its rows.
        let outline: String
        /// Of each lane, which lines of the table of contents it restores.
        let lists: [String]
    }

    /// Writes them, lends them, and removes them whatever happens.
    func lend<Result>(
        _ outline: ArchiveOutline,
        _ lanes: [[Int]],
        _ body: (Paths) async throws -> Result,
    ) async throws -> Result {
        try Folder.remove(folder)
        // Nobody but the account of the server gets to what is in it.
        try Folder.make(folder, mode: 0o700)
        try Folder.setOwner(userID: owner.userID, groupID: owner.groupID, of: folder)
        let paths = Paths(
            outline: "\(folder)/outline",
            lists: lanes.indices.map { "\(folder)/lane-\($0)" },
        )
        try FileContent.write(outline.bytes, to: paths.outline, mode: 0o644)
        for (lane, path) in zip(lanes, paths.lists) {
            try FileContent.write(Array(lane.map { "\($0)\n" }.joined().utf8), to: path, mode: 0o644)
        }
        let result: Result
        do {
            result = try await body(paths)
        } catch {
            // Why it failed matters more than a leftover, which the next one removes.
            try? Folder.remove(folder)
            throw error
        }
        try Folder.remove(folder)
        return result
    }
}
