// SPDX-License-Identifier: Apache-2.0
import Core
import Glibc
import HostSystem

/// Accounts that tests share, because useradd(8) makes everybody wait who comes at the same time. Each is removed when
/// the last test that uses it has ended.
actor TestAccounts {
    /// Those of this process.
    static let shared = TestAccounts()

    private var users: [EnvironmentKey: Int] = [:]

    /// An environment whose account other tests of this process may use too.
    func take(_ name: String) -> EnvironmentKey {
        let key = EnvironmentKey(ProjectName("t\(getpid())"), EnvironmentName(name))
        users[key, default: 0] += 1
        return key
    }

    /// Says that a test does not use it any more.
    func leave(_ key: EnvironmentKey) async throws {
        users[key, default: 1] -= 1
        guard users[key] == 0 else { return }
        for purpose in [AccountName.Purpose.builds, .services] {
            try await UnprivilegedAccount().remove(AccountName(key, purpose))
        }
    }
}
