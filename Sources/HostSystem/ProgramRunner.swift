// SPDX-License-Identifier: Apache-2.0
import Core
import Subprocess
import SystemPackage

/// Runs programs: without a shell, under a deadline, each in a session of its own.
///
/// When the time runs out or the task is cancelled, everything in that session is ended before the call returns.
public struct ProgramRunner: Sendable {
    /// Output kept per stream; more than this is a failure, not a silent cut.
    private static let outputLimit = 16 << 20

    /// A runner.
    public init() {}

    /// Runs a program to its end and keeps what it said.
    ///
    /// Throws `missing-program` when it can't be found, `deadline-exceeded` when its time ran out, `CancellationError`
    /// when the task was cancelled. An unsuccessful exit is no error here; see ``ProgramResult/checked(_:doing:hint:)``.
    /// What a program that ended by itself leaves behind stays: `pg_ctl` and `git gc --auto` do so on purpose.
    public func run(_ program: Program, input: String = "") async throws -> ProgramResult {
        try await collect(program, input: input).result
    }

    /// Runs a program and returns exactly the bytes that it wrote to its standard output.
    ///
    /// Throws what ``run(_:input:)`` throws, and `program-failed` for an unsuccessful exit.
    public func bytes(of program: Program, doing: String) async throws -> [UInt8] {
        let collected = try await collect(program, input: "")
        _ = try collected.result.checked(doing: doing)
        return collected.bytes
    }

    /// Runs a program and hands over each line of its output and errors, in the order written, as it comes.
    ///
    /// A line that is longer than 16 KiB is cut. The result's `output` holds the last 200 lines. Whatever is left in its session when it ended is ended too.
    /// Throws what ``run(_:input:)`` throws.
    public func run(
        _ program: Program,
        onLine: @Sendable @escaping (String) async -> Void,
    ) async throws -> ProgramResult {
        try await deadlined(program, leavesProcesses: false) { session in
            let result = try await Subprocess.run(
                try program.configuration(),
                input: .none,
                output: .sequence,
                error: .combinedWithOutput,
            ) { execution in
                session.begin(execution.processIdentifier.value)
                program.lower(execution.processIdentifier.value)
                var tail: [String] = []
                func take(_ lines: [String]) async {
                    for line in lines {
                        await onLine(line)
                        tail.append(line)
                        if tail.count > 400 { tail.removeFirst(200) }
                    }
                }
                var cutter = LineCutter()
                for try await piece in execution.standardOutput {
                    await take(unsafe piece.withUnsafeBytes { unsafe cutter.lines(of: Array($0)) })
                }
                await take(cutter.rest())
                return tail.suffix(200).joined(separator: "\n")
            }
            return ProgramResult(
                program: program,
                ending: ProgramResult.Ending(result.terminationStatus),
                output: result.closureResult,
                errors: "",
            )
        }
    }

    private func collect(
        _ program: Program,
        input: String,
    ) async throws -> (result: ProgramResult, bytes: [UInt8]) {
        try await deadlined(program, leavesProcesses: true) { session in
            let run = try await Subprocess.run(
                try program.configuration(),
                input: .string(input),
                output: .bytes(limit: Self.outputLimit),
                error: .string(limit: Self.outputLimit),
            ) { execution in
                session.begin(execution.processIdentifier.value)
                program.lower(execution.processIdentifier.value)
            }
            let result = ProgramResult(
                program: program,
                ending: ProgramResult.Ending(run.terminationStatus),
                output: String(decoding: run.standardOutput, as: UTF8.self),
                errors: run.standardError,
            )
            return (result, run.standardOutput)
        }
    }

    private func deadlined<Result: Sendable>(
        _ program: Program,
        leavesProcesses: Bool,
        body: @Sendable @escaping (RunningSession) async throws -> Result,
    ) async throws -> Result {
        let session = RunningSession()
        do {
            let result = try await withDeadline(program.deadline, "'\(program)'") { try await body(session) }
            if !leavesProcesses { await session.end() }
            return result
        } catch {
            await session.end()
            throw Self.failure(of: program, error)
        }
    }

    private static func failure(of program: Program, _ error: any Error) -> any Error {
        switch error {
        case let exceeded as DeadlineExceeded:
            Failure(.deadlineExceeded, exceeded.description, isRetryable: true)
        case let error as SubprocessError where error.code == .executableNotFound:
            ExecutablePath.missing(program.executable)
        case let error as SubprocessError:
            Failure(.programFailed, "could not run '\(program)'", cause: error.description)
        default: error
        }
    }
}
