// SPDX-License-Identifier: Apache-2.0
import Core

extension Supervisor {
    /// Starts runsv in a session of its own, as nobody's child, with nothing of the caller's: no variables, no open
    /// files, no terminal.
    func launch(_ path: String) async throws {
        let program = Program(
            "/bin/sh",
            [
                "-c", "exec \"$1\" --fork \"$2\" \"$3\" </dev/null >/dev/null 2>&1", "sh",
                try ExecutablePath.find("setsid"), try ExecutablePath.find("runsv"), path,
            ],
            in: "/",
            environment: ["PATH": ExecutablePath.folders],
            inheritsEnvironment: false,
            deadline: .seconds(60),
        )
        _ = try await runner.run(program).checked(doing: "starting the supervisor of \(path)")
        try await awaitStart(path, exitsBefore: 0)
    }

    /// Waits until the program runs, or has run.
    func awaitStart(_ path: String, exitsBefore: Int) async throws {
        let (runsv, folder) = (Runsv(folder: path), ServiceFolder(path: path))
        let didStart = try await Patience.wait(.seconds(30)) {
            guard try runsv.isAlive() else { return false }
            if try folder.exits().count > exitsBefore { return true }
            return try runsv.status()?.activity == .run
        }
        guard didStart else {
            throw Failure(
                .unexpected,
                "runsv did not start the program in \(path) within 30s",
                hint: "run 'runsv \(path)' by hand to see what it says",
                isRetryable: true,
            )
        }
    }

    /// Ends the program and everything it started; its supervisor, if it lives, stays and starts nothing.
    ///
    /// Without `finish` the folder is no longer whole, so that whoever finds it after an interruption makes it anew,
    /// even if runsv has not heard yet that it should end the program. Also, runsv rests for a second after each
    /// `finish`, and an ending that was asked for is not counted.
    func end(_ path: String, timeout: Duration?) async throws {
        let (runsv, folder) = (Runsv(folder: path), ServiceFolder(path: path))
        guard folder.isMade else { return }
        let stop = try folder.record()?.stop ?? SupervisedProgram.Stop()
        try Folder.remove("\(path)/finish")
        let groupWasAsked = try runsv.send("d") && stop.reach == .group
        let limit = timeout ?? stop.timeout
        if try await quiet(runsv, folder, within: limit, asking: stop.signal, groupWasAsked) { return }
        _ = try runsv.send("k")
        guard try await folder.strays().end() else { throw Self.stubborn("the program in \(path)") }
        if try await Patience.wait(.seconds(3), until: { try Self.isDown(runsv) }) { return }
        // A supervisor that does not notice the end of its own child is no supervisor any more.
        try await dismiss(runsv)
        guard try await folder.strays().end() else { throw Self.stubborn("the program in \(path)") }
    }

    /// Kills a supervisor that does not answer, and returns when it is gone.
    func dismiss(_ runsv: Runsv) async throws {
        try runsv.kill()
        if try await Patience.wait(.seconds(5), until: { try !runsv.isAlive() }) { return }
        throw Self.stubborn("the supervisor of \(runsv.folder)")
    }

    /// Waits until neither the program nor anything it started is left.
    ///
    /// Those who outlive the program are asked too, but nobody twice: to many programs that means to hurry.
    private func quiet(
        _ runsv: Runsv,
        _ folder: ServiceFolder,
        within limit: Duration,
        asking signal: ProcessSignal,
        _ groupWasAsked: Bool,
    ) async throws -> Bool {
        let end = ContinuousClock.now + limit
        guard try await Patience.wait(limit, until: { try Self.isDown(runsv) }) else { return false }
        // Only now is it certain which session was the program's last. Looking for all that is left takes longer than
        // asking runsv, so it is done less often.
        let strays = try folder.strays()
        guard !strays.find().isEmpty else { return true }
        strays.send(signal, sparingGroup: groupWasAsked)
        return try await Patience.wait(end - ContinuousClock.now, pause: .milliseconds(25)) {
            strays.find().isEmpty
        }
    }

    private static func isDown(_ runsv: Runsv) throws(Failure) -> Bool {
        guard try runsv.isAlive(), let status = try runsv.status() else { return true }
        return status.activity == .down && !status.isWanted
    }

    static func stubborn(_ what: String) -> Failure {
        Failure(
            .deadlineExceeded,
            "\(what) can't be ended, not even by SIGKILL",
            hint: "look for processes in state D with 'ps -eo pid,stat,wchan,args'",
            isRetryable: true,
        )
    }

    static func unsupervised(_ path: String) -> Failure {
        Failure(.notFound, "nothing is supervised in \(path)")
    }
}
