// SPDX-License-Identifier: Apache-2.0
public import Core
public import Delivery
public import HostSystem

/// Runs a team's commands as ordinary processes, under the environment's account for builds when OpsHub runs as root.
///
/// They run at a lower priority than the services, with a home that keeps the caches of their tools, and nothing that
/// they start outlives them.
public struct ProcessBuildRunner: BuildRunner {
    private static let mark = "OPSHUB_COMMAND"
    /// What the files of a sealed release were, in its folder.
    private static let listing = ".opshub-files"

    private let layout: HomeLayout
    private let runner: ProgramRunner
    private let turns: BuildTurns

    /// A runner of commands below one home, of which builds and tests run so many at a time.
    public init(layout: HomeLayout, parallelBuilds: Int = 1, runner: ProgramRunner = ProgramRunner()) {
        self.layout = layout
        self.runner = runner
        turns = BuildTurns(count: parallelBuilds)
    }

    /// Hands a fresh checkout over to the account that builds in this environment.
    public func prepare(_ folder: String, of environment: EnvironmentKey) async throws {
        try await endLeftovers(of: environment)
        let user = try await account(of: environment).ensure()
        try await FileOwnership(runner: runner).give(folder, to: user)
    }

    /// Runs one command line and hands over each line that it writes.
    public func run(_ command: BuildCommand, onLine: @Sendable @escaping (String) async -> Void) async throws
    {
        guard command.takesTurns else { return try await runNow(command, onLine) }
        try await turns.take {
            await onLine("(waits until a build of another environment has ended)")
        } _: {
            try await runNow(command, onLine)
        }
    }

    private func runNow(
        _ command: BuildCommand,
        _ onLine: @Sendable @escaping (String) async -> Void,
    ) async throws {
        let account = account(of: command.environment)
        let user = try await account.ensure()
        try await endLeftovers(of: command.environment)
        let mark = mark(of: command.environment)
        let program = program(command, as: user, account, mark)
        let tail = OutputTail()
        let outcome = await Self.outcome {
            try await runner.run(program) { line in
                tail.add(line)
                await onLine(line)
            }
        }
        // What left the session of its command is still found by the variable that it was given.
        try await end(mark, "what '\(command.line)' left running")
        try Self.judge(command, outcome, tail)
    }

    /// One command at a time runs for an environment: whatever has its mark already was left by a control plane that was
    /// killed, and would do its work twice, and beside us.
    private func endLeftovers(of environment: EnvironmentKey) async throws {
        try await end(mark(of: environment), "what an earlier control plane left running for \(environment)")
    }

    private func mark(of environment: EnvironmentKey) -> StrayProcesses.Mark {
        StrayProcesses.Mark(Self.mark, "\(layout.root) \(environment)")
    }

    private func end(_ mark: StrayProcesses.Mark, _ what: String) async throws {
        guard await StrayProcesses(mark: mark).end() else {
            throw Failure(.unexpected, "\(what) can't be ended, not even by SIGKILL", hint: "see 'ps -ef'")
        }
    }

    /// Removes what a build that failed has left.
    @concurrent public func discard(_ folder: String, of environment: EnvironmentKey) async throws {
        try Folder.remove(folder)
    }

    /// Makes a built release unchangeable for the account that runs it, and puts it on the disk; as an ordinary user
    /// it keeps its owner and modes.
    @concurrent public func seal(_ folder: String, of environment: EnvironmentKey) async throws -> ByteCount {
        let services = EnvironmentAccount(environment, .services, in: layout, runner: runner)
        try await FileOwnership(runner: runner).seal(folder, readableBy: try await services.ensure())
        let listing = try FileListing(of: folder, excluding: [Self.listing])
        try DurableFile.write(listing.bytes, to: "\(folder)/\(Self.listing)", mode: 0o600)
        try await FileSystem(runner: runner).sync(folder)
        return listing.size
    }

    /// What was changed in a release's folder since it was sealed; the first 20, for whoever changes more knows it.
    @concurrent public func alterations(of folder: String) async throws -> [String] {
        guard let bytes = try FileContent.bytes(of: "\(folder)/\(Self.listing)") else {
            return ["\(folder)/\(Self.listing) is gone, and with it what its files were"]
        }
        return FileListing(bytes: bytes).changes(in: folder, limit: 20)
    }

    private func account(of environment: EnvironmentKey) -> EnvironmentAccount {
        EnvironmentAccount(environment, .builds, in: layout, runner: runner)
    }

    private func program(
        _ command: BuildCommand,
        as user: SystemUser,
        _ account: EnvironmentAccount,
        _ mark: StrayProcesses.Mark,
    ) -> Program {
        var variables = account.variables(of: user)
        variables.merge(command.variables.mapValues { $0.revealed() }) { $1 }
        variables[mark.name] = mark.value
        // Where memory runs out the kernel ends a build before anything that serves (proc(5), oom_score_adj); and its
        // processor time and reads come after theirs.
        return Program(
            "choom",
            [
                "-n", "500", "--", "nice", "-n", "10", "ionice", "-c", "2", "-n", "7", "/bin/sh", "-c",
                command.line,
            ],
            in: command.directory,
            environment: variables,
            inheritsEnvironment: false,
            as: SystemUser.current.isRoot ? user : nil,
            deadline: command.timeout,
        )
    }

    private static func outcome(
        _ body: () async throws -> ProgramResult
    ) async -> Result<ProgramResult, any Error> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }

    private static func judge(
        _ command: BuildCommand,
        _ outcome: Result<ProgramResult, any Error>,
        _ tail: OutputTail,
    ) throws {
        do {
            let result = try outcome.get()
            guard !result.isSuccess else { return }
            throw Failure(
                .buildFailed,
                "'\(command.line)' failed: \(result.endingInWords)",
                hint: "run it in a fresh clone, mend it and push again; what serves was not touched",
                evidence: tail.lines,
            )
        } catch let failure as Failure where failure.code == .deadlineExceeded {
            throw Failure(
                .deadlineExceeded,
                "'\(command.line)' did not end within \(command.timeout.briefly)",
                hint: "give it more time with build_timeout, or see what it waits for",
                evidence: tail.lines,
                isRetryable: true,
            )
        }
    }
}
