// SPDX-License-Identifier: Apache-2.0

/// Whether background work can wait for everybody else, or has waited so long that it is owed a share of the processors.
///
/// A backup that never ends on a busy server holds up a deployment, and the server's own cleaning up.
struct BackgroundShare: Hashable {
    /// What the threads of some work did during a while, in nanoseconds, all together.
    struct Times: Hashable {
        /// Having a processor.
        var ran: UInt64 = 0
        /// Wanting one.
        var waited: UInt64 = 0
    }

    /// Whether it is.
    private(set) var isOwed = false

    /// Takes into account what happened since the last time.
    ///
    /// - Parameters:
    ///   - times: What the work did.
    ///   - length: How long that was, in nanoseconds.
    ///   - processors: How many the machine has.
    mutating func note(_ times: Times, over length: UInt64, on processors: Int) {
        if isOwed {
            // Whoever leaves it more than a fifth of the machine would leave it as much without.
            let hasRoom = times.ran > length / 5 * UInt64(processors)
            if hasRoom || times.waited < length / 10 { isOwed = false }
        } else {
            // Less than a tenth of what it wanted.
            isOwed = times.waited > length / 2 && times.ran < times.waited / 9
        }
    }
}
