// SPDX-License-Identifier: Apache-2.0
public import Core

extension Program {
    /// The same call as it is started: chpst(8) becomes the account and then the program.
    ///
    /// Never by way of Subprocess's own options, nor between any fork of this process and its exec: setgroups(3) in the
    /// forked child of a process with many threads waits for threads that only the parent has, for ever (seen with
    /// glibc 2.36). Throws `missing-program` without chpst.
    public func changingAccount() throws(Failure) -> Program {
        guard let user, user.userID != SystemUser.current.userID else { return self }
        var call = self
        call.user = nil
        call.executable = try ExecutablePath.find("chpst")
        let own = executable.contains("/") ? executable : try ExecutablePath.find(executable)
        call.arguments = ["-u", ":\(user.userID):\(user.groupID)", "--", own] + arguments
        return call
    }

    /// Lowers it further once it runs, when it is background work.
    func lower(_ process: Int32) {
        if isBackground { BackgroundPriority.lower(process) }
    }

    /// The same call as it is started when it is background work.
    func lowered() -> Program {
        guard isBackground else { return self }
        var call = self
        let words = BackgroundPriority.command([executable] + arguments)
        (call.executable, call.arguments) = (words[0], Array(words.dropFirst()))
        return call
    }
}
