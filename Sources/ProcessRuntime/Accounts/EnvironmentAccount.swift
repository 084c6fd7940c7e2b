// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// An account that runs what belongs to one environment, and the folders that it may write to.
///
/// Services and builds have accounts of their own, so that a commit that is only being built can't signal, read or trace
/// what serves. Builds are in the services' group: sealed releases are readable for that.
struct EnvironmentAccount: Sendable {
    private let layout: HomeLayout
    private let key: EnvironmentKey
    private let purpose: AccountName.Purpose
    private let runner: ProgramRunner

    /// The account of an environment's services or builds.
    init(
        _ key: EnvironmentKey,
        _ purpose: AccountName.Purpose,
        in layout: HomeLayout,
        runner: ProgramRunner,
    ) {
        self.key = key
        self.purpose = purpose
        self.layout = layout
        self.runner = runner
    }

    /// `HOME`: files of the services that outlive releases, or caches of build tools.
    private var home: String {
        purpose == .services ? layout.shared(of: key) : "\(layout.environment(key))/build-home"
    }

    /// `TMPDIR`.
    private var temporary: String {
        "\(layout.environment(key))/\(purpose == .services ? "tmp" : "build-tmp")"
    }

    /// Makes the account and its folders exist, and makes sure that it reaches them.
    ///
    /// Idempotent.
    ///
    /// Throws `invalid` when a folder above the home keeps it out.
    func ensure() async throws -> SystemUser {
        let user = try await user()
        let environment = layout.environment(key)
        try Folder.make(environment, mode: 0o711)
        // Other accounts pass through, to folders that they own; nobody but root sees what there is.
        if SystemUser.current.isRoot { try Folder.setMode(0o711, of: environment) }
        try Folder.make("\(environment)/slots", mode: 0o700)
        for folder in [home, temporary] {
            try Folder.make(folder, mode: 0o700)
            try Folder.setMode(0o700, of: folder)
            try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: folder)
        }
        try await checkReach(of: user, to: environment)
        return user
    }

    private func user() async throws -> SystemUser {
        let accounts = UnprivilegedAccount(runner: runner)
        let services = try await accounts.ensure(AccountName(key, .services))
        guard purpose == .builds else { return services }
        let builds = try await accounts.ensure(AccountName(key, .builds))
        return SystemUser(name: builds.name, userID: builds.userID, groupID: services.groupID)
    }

    /// Variables that every program of the environment gets unless the team says otherwise.
    func variables(of user: SystemUser) -> [String: String] {
        [
            "HOME": home, "LANG": "C.UTF-8", "LOGNAME": user.name, "PATH": ExecutablePath.folders,
            "TMPDIR": temporary, "USER": user.name,
        ]
    }

    /// Asks the kernel, as that account, whether it may pass.
    private func checkReach(of user: SystemUser, to folder: String) async throws {
        guard SystemUser.current.isRoot, try await !passes(user, folder) else { return }
        var closed = "/"
        for part in folder.split(separator: "/") {
            guard try await passes(user, closed) else { break }
            closed += (closed == "/" ? "" : "/") + part
        }
        throw Failure(
            .invalid,
            "\(closed) keeps the account \(user.name) out of \(layout.root), where it must build and run the services",
            hint:
                "choose another --home, such as /var/lib/opshub, or let others pass with 'chmod o+x \(closed)'",
        )
    }

    private func passes(_ user: SystemUser, _ folder: String) async throws -> Bool {
        try await runner.run(Program("test", ["-x", folder], in: "/", as: user)).isSuccess
    }
}
