// SPDX-License-Identifier: Apache-2.0
import Core

/// Removes folders whose contents belong to an account that is not trusted.
public enum AccountFolder {
    /// Removes a folder, as the account that everything in it belongs to: whatever that account does meanwhile, nothing else goes.
    ///
    /// Idempotent. The folder itself must lie where that account can't put another in its place.
    public static func remove(_ path: String, as user: SystemUser) async throws {
        guard Folder.exists(path) else { return }
        // It may have been made and not been given to its account yet, or be closed for its owner.
        try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: path)
        try Folder.setMode(0o700, of: path)
        // Write-protected folders keep what is in them; what can't be changed here, the next two may be able to remove.
        _ = try await run("chmod", ["-R", "u+rwX", "."], in: path, as: user)
        let removal = ["find", ".", "-mindepth", "1", "-delete"]
        let own = try await run(removal[0], Array(removal.dropFirst()), in: path, as: user)
        if !own.isSuccess {
            // Something in it is not the account's; find follows no links, and opens every folder from the one that it is in.
            _ = try await run(removal[0], Array(removal.dropFirst()), in: path, as: nil)
                .checked(doing: "removing \(path)")
        }
        try Folder.removeEmpty(path)
    }

    private static func run(
        _ program: String,
        _ arguments: [String],
        in path: String,
        as user: SystemUser?,
    ) async throws -> ProgramResult {
        try await ProgramRunner()
            .run(
                Program(
                    program,
                    arguments,
                    in: path,
                    environment: Program.plainEnvironment,
                    inheritsEnvironment: false,
                    as: user,
                    deadline: .seconds(3_600),
                )
            )
    }
}
