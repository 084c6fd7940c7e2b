// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs an actor's work on a queue of its own, so that waiting for a server takes no thread from other tasks.
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// A queue with a name for debuggers.
    public init(_ label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs a job after those that came before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
