// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem

extension Program {
    /// The same call, made by another account; nil and the own account leave it as it is.
    ///
    /// The account is changed by chpst(8), in a process with one thread. Changing it between the fork of
    /// this process, which has many threads, and the exec of the program can wait for ever: glibc's
    /// `setgroups` takes a lock that some other thread may have held at the moment of the fork (seen with
    /// glibc 2.36).
    func by(_ account: SystemUser?) throws(Failure) -> Program {
        guard let account, account.userID != SystemUser.current.userID else { return self }
        var call = self
        call.executable = try ExecutablePath.find("chpst")
        call.arguments = ["-u", ":\(account.userID):\(account.groupID)", "--", executable] + arguments
        call.user = nil
        return call
    }
}
