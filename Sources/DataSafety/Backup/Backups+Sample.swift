// SPDX-License-Identifier: Apache-2.0
import Core

extension Backups {
    /// The rows of the newest backup of a database that a restore has proven.
    ///
    /// - Parameter database: Whose.
    /// - Returns: A sample that is read when it is asked for.
    /// - Throws: `not-found` when there is no such backup.
    public func sample(of database: DatabaseTarget) async throws -> RowSample {
        let newest = try await list(database.environment)
            .first { $0.database == database && $0.isVerified && $0.content != nil }
        guard let newest, let content = newest.content else {
            throw Failure(
                .notFound,
                "there is no verified backup of \(database) to take rows from",
                hint: "opshub backup create -e \(database.environment.environment)",
            )
        }
        return RowSample(
            source: newest.id.rawValue,
            encoding: content.server.encoding,
            feed: DumpFeed { [vault] sink in _ = try await vault.read(newest, into: sink) },
        )
    }
}
