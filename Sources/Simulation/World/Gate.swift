// SPDX-License-Identifier: Apache-2.0
import Core

/// Where every call of one control plane passes on its way to the world, and where it goes wrong if the schedule says so.
struct Gate: Sendable {
    let run: Run
    let plane: ControlPlaneProcess

    /// A question: it can't be half-done, and only the dead don't get an answer.
    func ask<Answer>(_ body: () async throws -> Answer) async throws -> Answer {
        try checkAlive()
        return try await body()
    }

    /// A call that changes something, or that a decision hangs on.
    func pass<Answer>(
        _ name: @autoclosure () -> String,
        _ body: () async throws -> Answer,
    ) async throws
        -> Answer
    {
        try checkAlive()
        let fault = run.nextFault(of: plane, before: name())
        switch fault {
        case .crashBefore:
            run.crash(plane)
        case .fails:
            throw Failure(.unexpected, Run.simulatedFailure)
        case .isLate(let time):
            try await run.clock.sleep(for: time, owner: plane.number)
        case .pausesBefore(let time):
            run.pause(plane, for: time)
            try await run.clock.sleep(for: .nanoseconds(1), owner: plane.number)
        case nil, .crashAfter, .losesAnswer, .repeats:
            break
        }
        try checkAlive()
        let answer = try await body()
        if fault == .repeats { _ = try await body() }
        if fault == .crashAfter { run.crash(plane) }
        try checkAlive()
        if fault == .losesAnswer { throw Failure(.unexpected, Run.simulatedFailure) }
        return answer
    }

    private func checkAlive() throws {
        if plane.isDead { throw CancellationError() }
    }
}
