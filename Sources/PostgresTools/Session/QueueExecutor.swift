// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs an actor's work on a queue of its own, so that waiting for a server takes no thread from other tasks.
final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue

    /// A queue with a name for debuggers.
    init(_ label: String) {
        queue = DispatchQueue(label: label)
    }

    /// Runs a job after those that came before it.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
