// SPDX-License-Identifier: Apache-2.0
public import Core

/// Keeps programs running that outlive the control plane: one `runsv` (runit) per service folder, in a session of its
/// own.
///
/// Everything is read from the folder and the kernel, nothing is remembered. Every call may be cancelled and made again.
/// Calls for one folder must not overlap.
///
/// A control plane that is itself a systemd unit must say `KillMode=process`, or systemd ends what is supervised here
/// together with it.
public struct Supervisor: Sendable {
    /// What ``ensure(_:)`` found and did.
    public enum Change: Sendable, Hashable {
        /// It ran already, made from the same.
        case none
        /// It did not run.
        case started
        /// It ran, made from something else.
        case replaced
    }

    let runner: ProgramRunner

    /// A supervisor of programs.
    public init(runner: ProgramRunner = ProgramRunner()) {
        self.runner = runner
    }

    /// Makes exactly this program run, and returns once it was started; says nothing of whether it stays up.
    ///
    /// Idempotent. A program that runs in that folder with another command, user, limits or variables is stopped and
    /// replaced. What an earlier supervisor left running after it was killed is ended first. Throws `missing-program`
    /// without runit, `invalid` for variables that can't be passed, `unexpected` when runsv does not come up.
    @discardableResult
    public func ensure(_ program: SupervisedProgram) async throws -> Change {
        let content = try ServiceContent(program)
        let folder = ServiceFolder(path: program.folder)
        let runsv = Runsv(folder: program.folder)
        let wasAlive = try runsv.isAlive()
        if wasAlive, try runsv.status()?.isWanted == true, try folder.holds(content) { return .none }
        try await stop(program.folder)
        try folder.write(content)
        try await launch(program.folder)
        return wasAlive ? .replaced : .started
    }

    /// Names of variables that the program in a folder has, or lacks, otherwise than this one would; in order.
    public func differingVariables(from program: SupervisedProgram) throws(Failure) -> [String] {
        try ServiceFolder(path: program.folder).differingVariables(from: try ServiceContent(program))
    }

    /// What is true of the program in a folder; nil when there never was one, or it was removed.
    public func status(of path: String) throws(Failure) -> SupervisedStatus? {
        let folder = ServiceFolder(path: path)
        guard folder.isMade else { return nil }
        let exits = try folder.exits()
        let runsv = Runsv(folder: path)
        guard try runsv.isAlive(), let status = try runsv.status() else {
            return SupervisedStatus(
                state: .stopped,
                isSupervised: false,
                exits: exits.count,
                lastExit: exits.last,
            )
        }
        return SupervisedStatus(
            state: Self.state(status),
            isSupervised: true,
            since: status.since,
            exits: exits.count,
            lastExit: exits.last,
        )
    }

    /// Ends the program, everything it started, and its supervisor.
    ///
    /// Asks first, and kills after `timeout`, or after what the program was started with. Idempotent: nothing to stop
    /// is no error. Throws `deadline-exceeded` when something can't even be killed.
    public func stop(_ path: String, timeout: Duration? = nil) async throws {
        try await end(path, timeout: timeout)
        let runsv = Runsv(folder: path)
        guard try runsv.send("x") else { return }
        if try await Patience.wait(.seconds(5), until: { try !runsv.isAlive() }) { return }
        try await dismiss(runsv)
    }

    /// Ends the program as ``stop(_:timeout:)`` does, and starts it again.
    ///
    /// Throws `not-found` when none is supervised.
    public func restart(_ path: String) async throws {
        guard try Runsv(folder: path).isAlive() else { throw Self.unsupervised(path) }
        try await end(path, timeout: nil)
        let folder = ServiceFolder(path: path)
        try folder.writeFinish()
        let exits = try folder.exits().count
        guard try Runsv(folder: path).send("u") else { throw Self.unsupervised(path) }
        try await awaitStart(path, exitsBefore: exits)
    }

    /// Sends the program a signal.
    ///
    /// Throws `not-found` when none is supervised.
    public func send(_ signal: ProcessSignal, to path: String) throws(Failure) {
        guard try Runsv(folder: path).send(signal.control) else { throw Self.unsupervised(path) }
    }

    /// Stops the program and removes its service folder with everything in it.
    ///
    /// Idempotent.
    public func remove(_ path: String) async throws {
        try await stop(path)
        try Folder.remove(path)
    }

    /// Stops the program and removes what it was made from, variables above all; files that are not the
    /// supervisor's stay, such as a log.
    ///
    /// Idempotent.
    public func clear(_ path: String) async throws {
        try await stop(path)
        try ServiceFolder(path: path).clear()
    }

    private static func state(_ status: Runsv.Status) -> SupervisedStatus.State {
        if status.activity == .run, status.process > 0 { return .running(process: status.process) }
        return status.isWanted ? .restarting : .stopped
    }
}
