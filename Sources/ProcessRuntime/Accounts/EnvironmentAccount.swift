// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

/// The account that builds and runs what belongs to one environment, and the folders that it may write to.
struct EnvironmentAccount: Sendable {
    private let layout: HomeLayout
    private let key: EnvironmentKey
    private let runner: ProgramRunner

    /// The account of an environment.
    init(_ key: EnvironmentKey, in layout: HomeLayout, runner: ProgramRunner) {
        self.key = key
        self.layout = layout
        self.runner = runner
    }

    /// Files that outlive releases; `HOME` of the services.
    var shared: String { layout.shared(of: key) }
    /// Caches of build tools; `HOME` of the builds.
    var buildHome: String { "\(layout.environment(key))/build-home" }
    /// `TMPDIR`.
    var temporary: String { "\(layout.environment(key))/tmp" }

    /// Makes the account and its folders exist, and makes sure that it reaches them.
    ///
    /// Idempotent.
    ///
    /// Throws `invalid` when a folder above the home keeps it out.
    func ensure() async throws -> SystemUser {
        let user = try await UnprivilegedAccount(runner: runner).ensure(AccountName(key, .services))
        let environment = layout.environment(key)
        try Folder.make(environment, mode: 0o711)
        // Other accounts pass through, to folders that they own; nobody but root sees what there is.
        if SystemUser.current.isRoot { try Folder.setMode(0o711, of: environment) }
        try Folder.make("\(environment)/slots", mode: 0o700)
        for (folder, mode) in [(shared, UInt32(0o750)), (buildHome, 0o700), (temporary, 0o700)] {
            try Folder.make(folder, mode: mode)
            try Folder.setOwner(userID: user.userID, groupID: user.groupID, of: folder)
        }
        try await checkReach(of: user, to: environment)
        return user
    }

    /// Variables that every program of the environment gets unless the team says otherwise.
    func variables(of user: SystemUser, home: String) -> [String: String] {
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
