// SPDX-License-Identifier: Apache-2.0
import Core
import Subprocess
import SystemPackage

/// Takes bytes in order.
///
/// Throws when it can't take them; its caller then stops.
public typealias ByteSink = @Sendable ([UInt8]) async throws -> Void

/// A program whose output or input is too large to be held in memory; otherwise as ``ProgramRunner`` runs it.
///
/// When the task is cancelled, or whoever takes or gives the bytes throws, the program's session is ended
/// first.
public struct StreamedProgram: Sendable {
    private static let errorLimit = 16 << 20

    private let program: Program

    /// A call of a program.
    public init(program: Program) {
        self.program = program
    }

    /// Runs it and hands its output over; the result's own output is empty.
    ///
    /// Throws `deadline-exceeded`, `program-failed` when it can't be run, and what `sink` throws.
    public func stream(into sink: @escaping ByteSink) async throws -> ProgramResult {
        try await deadlined {
            let pipe = try WidePipe(isBackground: program.isBackground)
            return try await withThrowingTaskGroup(of: Part.self) { group in
                group.addTask(name: "program with output") {
                    // Whoever reads is at the end once the program is, and nobody else can write.
                    defer { pipe.closeInput() }
                    let result = try await Subprocess.run(
                        try program.configuration(),
                        input: .none,
                        output: .fileDescriptor(pipe.input, closeAfterSpawningProcess: false),
                        error: .string(limit: Self.errorLimit),
                    ) { program.lower($0.processIdentifier.value) }
                    return .program(self.result(result.terminationStatus, errors: result.standardError))
                }
                group.addTask(name: "output of a program") {
                    while let bytes = try await pipe.read() { try await sink(bytes) }
                    return .bytes(wereTaken: true)
                }
                return try await Self.both(of: &group).result
            }
        }
    }

    /// Runs it and feeds it; false beside the result when it did not want all of it.
    ///
    /// Throws what ``stream(into:)`` throws, and what `feed` throws.
    public func feed(
        from feed: @escaping @Sendable (@escaping ByteSink) async throws -> Void
    ) async throws -> (result: ProgramResult, tookAll: Bool) {
        guard PipeSignal.isIgnored else {
            throw Failure(.unexpected, "SIGPIPE can't be ignored, so '\(program)' can't be fed safely")
        }
        return try await deadlined {
            let pipe = try WidePipe(isBackground: program.isBackground)
            return try await withThrowingTaskGroup(of: Part.self) { group in
                group.addTask(name: "program with input") {
                    // Whoever writes hears of it once the program has ended.
                    defer { pipe.closeOutput() }
                    let result = try await Subprocess.run(
                        try program.configuration(),
                        input: .fileDescriptor(pipe.output, closeAfterSpawningProcess: false),
                        output: .discarded,
                        error: .string(limit: Self.errorLimit),
                    ) { program.lower($0.processIdentifier.value) }
                    return .program(self.result(result.terminationStatus, errors: result.standardError))
                }
                group.addTask(name: "input of a program") {
                    do {
                        try await feed { try await pipe.write($0) }
                        pipe.closeInput()
                        return .bytes(wereTaken: true)
                    } catch is WidePipe.Refusal {
                        // Why it stopped reading, its status and its errors say.
                        return .bytes(wereTaken: false)
                    }
                }
                return try await Self.both(of: &group)
            }
        }
    }

    /// What ends by itself of a program and its bytes.
    private enum Part: Sendable {
        case program(ProgramResult)
        case bytes(wereTaken: Bool)
    }

    /// What became of both, once both are done; one that fails ends the other.
    private static func both(
        of group: inout ThrowingTaskGroup<Part, any Error>
    ) async throws -> (result: ProgramResult, tookAll: Bool) {
        var (found, tookAll) = (ProgramResult?.none, false)
        for try await part in group {
            switch part {
            case .program(let result): found = result
            case .bytes(let wereTaken): tookAll = wereTaken
            }
        }
        guard let found else { throw CancellationError() }
        return (found, tookAll)
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
        ProgramResult(program: program, ending: ProgramResult.Ending(status), output: "", errors: errors)
    }
}
