// SPDX-License-Identifier: Apache-2.0

/// Runs the real engine against a world that crashes, delays, repeats and refuses, and watches the invariants.
public enum Simulator {
    /// Runs a schedule on the calling thread, from the first start until nothing is left to do.
    ///
    /// - Parameters:
    ///   - schedule: What happens.
    ///   - traces: Whether the outcome tells every line.
    /// - Returns: What became of it; the same for the same schedule.
    public static func run(_ schedule: Schedule, traces: Bool = false) -> Outcome {
        Run(schedule, traces: traces).execute()
    }
}
