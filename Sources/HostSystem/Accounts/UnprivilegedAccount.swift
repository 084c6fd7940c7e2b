// SPDX-License-Identifier: Apache-2.0
import Core

/// Makes the accounts that application code runs as, so that it never runs as root.
public struct UnprivilegedAccount: Sendable {
    private static let lock = "/run/opshub-accounts.lock"

    private let runner: ProgramRunner

    /// A maker of accounts.
    public init(runner: ProgramRunner = ProgramRunner()) {
        self.runner = runner
    }

    /// Makes the account exist: without a password, a shell or a home.
    ///
    /// Idempotent.
    ///
    /// An ordinary user can't make accounts and gets their own. Throws `missing-program` without useradd, `conflict`
    /// when an account of that name belongs to something else.
    public func ensure(_ name: AccountName) async throws -> SystemUser {
        guard SystemUser.current.isRoot else { return .current }
        if let user = SystemUser.find(name: name.rawValue) {
            try await checkOwner(of: name)
            return user
        }
        return try await oneAtATime {
            if let user = SystemUser.find(name: name.rawValue) { return user }
            let result = try await whenUnlocked(
                Program(
                    "useradd",
                    [
                        "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                        "--shell", "/usr/sbin/nologin", "--comment", name.owner, name.rawValue,
                    ],
                )
            )
            if let user = SystemUser.find(name: name.rawValue) { return user }
            _ = try result.checked(doing: "making the account \(name)")
            throw Failure(.unexpected, "the account \(name) was made but can't be found")
        }
    }

    /// Removes an account that ``ensure(_:)`` made.
    ///
    /// Idempotent. Does nothing for an ordinary user.
    ///
    /// Its number may be given to another account later: remove its files and end its processes first. Throws
    /// `program-failed` while it still has processes.
    public func remove(_ name: AccountName) async throws {
        guard SystemUser.current.isRoot, SystemUser.find(name: name.rawValue) != nil else { return }
        try await checkOwner(of: name)
        let result = try await oneAtATime { try await whenUnlocked(Program("userdel", [name.rawValue])) }
        guard SystemUser.find(name: name.rawValue) != nil else { return }
        _ = try result.checked(doing: "removing the account \(name)", hint: "see 'ps -u \(name)'")
    }

    private func checkOwner(of name: AccountName) async throws {
        // passwd(5): name, password, user, group, comment, home, shell.
        let entry = try await runner.run(Program("getent", ["passwd", name.rawValue]))
            .checked(doing: "looking up the account \(name)")
        let fields = entry.output.split(separator: ":", omittingEmptySubsequences: false)
        guard fields.count > 4, fields[4] == name.owner else {
            throw Failure(
                .conflict,
                "the account \(name) exists and is not the one of '\(name.owner)'",
                hint: "rename the environment, or remove that account with 'userdel \(name)'",
            )
        }
    }

    /// Waits until no other OpsHub changes accounts: useradd(8) sleeps for a second each time that it finds the account
    /// files locked, and gives up after fifteen.
    private func oneAtATime<Result>(_ body: () async throws -> Result) async throws -> Result {
        var lock: FileLock?
        _ = try await Patience.wait(.seconds(60)) {
            do throws(Failure) {
                lock = try FileLock(Self.lock)
                return true
            } catch {
                // Where there is no such folder, the lock of the account files themselves has to do.
                return error.code != .stateLocked
            }
        }
        defer { withExtendedLifetime(lock) {} }
        return try await body()
    }

    /// Runs a program that changes the account files, which one program at a time may do (exit statuses 1 and 10 of
    /// useradd(8) and userdel(8)).
    private func whenUnlocked(_ program: Program) async throws -> ProgramResult {
        var result = try await runner.run(program)
        _ = try await Patience.wait(.seconds(30)) {
            guard [.exited(1), .exited(10)].contains(result.ending) else { return true }
            result = try await runner.run(program)
            return false
        }
        return result
    }
}
