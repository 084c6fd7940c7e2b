// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// Runs every task of one control plane on the thread that asks it to, one job at a time, in any order.
///
/// With this and a clock of its own a whole run depends on nothing but its seed.
final class SeededExecutor: TaskExecutor, Sendable {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// How many jobs wait.
    var count: Int { jobs.withLock(\.count) }

    /// Runs the job at `index` until it ends or waits for something.
    func run(at index: Int) {
        let job = jobs.withLock { $0.remove(at: index) }
        unsafe job.runSynchronously(on: asUnownedTaskExecutor())
    }
}
