// SPDX-License-Identifier: Apache-2.0
public import Core
public import FoundationEssentials

/// A clock for tests that runs faster than the real one: waits of minutes take seconds, and their order stays.
public struct FastTime: TimeSource {
    private let factor: Double
    private let begin = ContinuousClock().now

    /// A clock that is `factor` times as fast as the real one.
    public init(factor: Double = 50) {
        self.factor = factor
    }

    /// The time of day.
    public var now: Date {
        Date(timeIntervalSince1970: 1_700_000_000 + uptime.inSeconds)
    }

    /// Time since it was made.
    public var uptime: Duration { (ContinuousClock().now - begin) * factor }

    /// Waits for a fraction of the time.
    public func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration / factor)
    }
}
