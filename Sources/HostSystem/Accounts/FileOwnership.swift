// SPDX-License-Identifier: Apache-2.0
import Core

/// Hands folders over with everything in them.
///
/// Links are changed themselves and never followed.
public struct FileOwnership: Sendable {
    private let runner: ProgramRunner

    /// A way to hand folders over.
    public init(runner: ProgramRunner = ProgramRunner()) {
        self.runner = runner
    }

    /// Makes everything in a folder belong to an account, readable for nobody else.
    ///
    /// Idempotent. Does nothing for an ordinary user, whose files are their own already.
    public func give(_ folder: String, to user: SystemUser) async throws {
        guard SystemUser.current.isRoot else { return }
        try await change("chown", ["-hR", "\(user.userID):\(user.groupID)"], folder)
        try await change("chmod", ["-R", "u+rwX,go-w,o-rwx"], folder)
    }

    /// Makes everything in a folder belong to root, readable for an account's group and writable for nobody.
    ///
    /// Idempotent. Does nothing for an ordinary user.
    public func seal(_ folder: String, readableBy user: SystemUser) async throws {
        guard SystemUser.current.isRoot else { return }
        // First the owner, so that the account can't change modes behind the second step's back.
        try await change("chown", ["-hR", "0:\(user.groupID)"], folder)
        try await change("chmod", ["-R", "u-s,g-s,u=rwX,g=rX,o="], folder)
    }

    private func change(_ program: String, _ arguments: [String], _ folder: String) async throws {
        _ = try await runner.run(Program(program, arguments + ["--", folder], deadline: .seconds(300)))
            .checked(doing: "handing over \(folder)")
    }
}
