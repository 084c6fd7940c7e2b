// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import HostSystem
import Subprocess
import SystemPackage

/// A program whose output or input is too large to be held in memory; otherwise as
/// ``HostSystem/ProgramRunner`` runs it.
///
/// When the task is cancelled, or whoever takes or gives the bytes throws, the program's session is ended
/// first.
struct StreamedProgram {
    private static let errorLimit = 1 << 20

    /// The call; run by the own account, whatever it says.
    let program: HostSystem.Program

    /// Runs it and hands its output over; the result's own output is empty.
    func stream(into sink: @escaping DumpSink) async throws -> ProgramResult {
        try await deadlined {
            let result = try await Subprocess.run(
                try configuration(),
                input: .none,
                output: .sequence,
                error: .string(limit: Self.errorLimit),
            ) { execution in
                for try await buffer in execution.standardOutput {
                    try await sink(unsafe buffer.withUnsafeBytes { unsafe Array($0) })
                }
            }
            return self.result(result.terminationStatus, errors: result.standardError)
        }
    }

    /// Runs it and feeds it; false beside the result when it did not want all of it.
    func feed(
        from feed: @escaping @Sendable (@escaping DumpSink) async throws -> Void
    ) async throws -> (result: ProgramResult, tookAll: Bool) {
        guard PipeSignal.isIgnored else {
            throw Failure(.unexpected, "SIGPIPE can't be ignored, so '\(program)' can't be fed safely")
        }
        return try await deadlined {
            let result = try await Subprocess.run(
                try configuration(),
                input: .inputWriter,
                output: .discarded,
                error: .string(limit: Self.errorLimit),
            ) { execution in
                let writer = execution.standardInputWriter
                do {
                    try await feed { bytes in
                        do {
                            _ = try await writer.write(bytes)
                        } catch let error as SubprocessError {
                            throw Refusal(cause: error)
                        }
                    }
                    try await writer.finish()
                    return true
                } catch is Refusal {
                    // Why it stopped reading, its status and its errors say.
                    return false
                }
            }
            return (
                self.result(result.terminationStatus, errors: result.standardError), result.closureResult,
            )
        }
    }

    /// The program does not read any more.
    private struct Refusal: Error {
        let cause: SubprocessError
    }

    private func deadlined<Result: Sendable>(
        _ body: @Sendable @escaping () async throws -> Result
    ) async throws -> Result {
        do {
            return try await withDeadline(program.deadline, "'\(program)'", body: body)
        } catch let exceeded as DeadlineExceeded {
            throw Failure(.deadlineExceeded, exceeded.description, isRetryable: true)
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw Failure(.programFailed, "could not run '\(program)'", cause: error.description)
        }
    }

    private func result(_ status: TerminationStatus, errors: String) -> ProgramResult {
        let ending: ProgramResult.Ending =
            switch status {
            case .exited(let code): .exited(code)
            case .signaled(let signal): .signalled(signal)
            }
        return ProgramResult(program: program, ending: ending, output: "", errors: errors)
    }

    private func configuration() throws(Failure) -> Configuration {
        let call = try program.changingAccount()
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .seconds(3)),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let variables = Dictionary(
            uniqueKeysWithValues: program.environment.map {
                (Environment.Key(stringLiteral: $0.key), $0.value)
            }
        )
        return Configuration(
            executable: .path(FilePath(call.executable)),
            arguments: Arguments(call.arguments),
            environment: .custom(variables),
            workingDirectory: program.directory.map { FilePath($0) },
            platformOptions: options,
        )
    }
}
