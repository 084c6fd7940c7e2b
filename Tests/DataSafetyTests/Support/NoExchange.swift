// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety

/// Exchanges nothing: whoever calls it has not been refused in time.
struct NoExchange: DatabaseExchange {
    private static let refusal = Failure(.unexpected, "something was exchanged")

    func dress(_ copy: ScratchDatabase, like database: DatabaseTarget, masking: String?) async throws {
        throw Self.refusal
    }

    func shut(_ database: DatabaseTarget) async throws { throw Self.refusal }

    func open(_ database: DatabaseTarget) async throws { throw Self.refusal }

    func exchange(_ database: DatabaseTarget, with copy: String, keeping kept: String) async throws {
        throw Self.refusal
    }

    func names(beside database: DatabaseTarget) async throws -> [String]? { throw Self.refusal }

    func present(
        _ database: DatabaseTarget
    ) async throws -> (WriteCounters, definitions: [String: String]) { throw Self.refusal }
}
