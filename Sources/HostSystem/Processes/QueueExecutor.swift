// SPDX-License-Identifier: Apache-2.0
import Dispatch

/// Runs an actor's work on a queue of its own, so that waiting for a server takes no thread from other tasks.
public final class QueueExecutor: SerialExecutor {
    private let queue: DispatchQueue
    private let isBackground: Bool

    /// A queue with a name for debuggers.
    ///
    /// - Parameters:
    ///   - label: The name.
    ///   - isBackground: Whether its work shall keep nobody waiting; see ``BackgroundPriority``.
    public init(_ label: String, isBackground: Bool = false) {
        self.isBackground = isBackground
        queue = DispatchQueue(label: label, qos: isBackground ? BackgroundPriority.quality : .unspecified)
    }

    /// Runs a job after those that came before it.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            guard self.isBackground else {
                return unsafe job.runSynchronously(on: self.asUnownedSerialExecutor())
            }
            BackgroundPriority.piece { unsafe job.runSynchronously(on: self.asUnownedSerialExecutor()) }
        }
    }
}
