// SPDX-License-Identifier: Apache-2.0
public import FoundationEssentials

/// The time of day and the passing of time, as a parameter.
///
/// Everything that stamps or waits takes one, so that tests decide what time it is.
public protocol TimeSource: Sendable {
    /// The time of day.
    var now: Date { get }

    /// Time since a moment that stays the same while the process lives.
    ///
    /// Goes on evenly when somebody sets the clock, as ``now`` does not: what is to last for a while is measured with this.
    var uptime: Duration { get }

    /// Waits; throws `CancellationError` as soon as the task is cancelled.
    func sleep(for duration: Duration) async throws
}

/// The machine's own clock.
public struct SystemTime: TimeSource {
    /// The machine's clock.
    public init() {}

    /// The time of day.
    public var now: Date { Date() }

    /// Time since the first use.
    public var uptime: Duration { ContinuousClock().now - Self.begin }

    private static let begin = ContinuousClock().now

    /// Waits on the continuous clock.
    public func sleep(for duration: Duration) async throws {
        try await ContinuousClock().sleep(for: duration)
    }
}
