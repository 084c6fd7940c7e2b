// SPDX-License-Identifier: Apache-2.0
import CHostSystem
import Dispatch
import Glibc
import Synchronization
import SystemPackage

/// Work that keeps nobody waiting: it gets the processor when nobody else wants it.
///
/// It is in a ``BackgroundGroup`` where there is one. Where there is none, a process's niceness alone does not do: where the kernel shares the processor between sessions first (sched(7), autogroup), it
/// only counts within its session. So both are set.
///
/// Nor does either decide when somebody else who wakes up gets the processor: a kernel that lets whoever runs come to the end of its
/// slice looks again at the next tick, 4 ms later, unless the other's slice is shorter (Linux since 6.12, `PREEMPT_SHORT`). So such
/// work has a longer slice than anybody has who asked for none.
public enum BackgroundPriority {
    /// As nice(1) counts: a tenth of what everybody else gets.
    ///
    /// Not 19: what is read for a backup is read under locks of the database server, and whoever holds one must get on.
    static let niceness: Int32 = 10

    /// What is given up as soon as another process wants the processor, in nanoseconds; unless somebody has tuned the kernel, it is 3 ms at most.
    static let slice: UInt64 = 4_000_000

    /// A command that runs `command` so, but for its slice, which is ``lower(_:)``'s.
    ///
    /// - Parameter command: A program and its arguments.
    /// - Returns: A program and its arguments.
    static func command(_ command: [String]) -> [String] {
        // Whoever is not root may write there ten times a second, all processes together. Not nice(1), which adds to what it finds, and
        // that may have been set from outside by now.
        let script = """
            g=/proc/self/autogroup
            if read -r _ 2>/dev/null <$g; then { echo \(niceness) >$g || { sleep 0.2; echo \(niceness) >$g; }; } 2>/dev/null; fi
            [ "$(nice)" -ge \(niceness) ] || renice \(niceness) -p $$ >/dev/null 2>&1
            exec "$@"
            """
        return ["/bin/sh", "-c", script, "sh"] + command
    }

    /// Makes a process that runs one of these; nothing where that is not allowed, or when it has ended.
    ///
    /// - Parameters:
    ///   - process: Its number.
    ///   - others: Whether it may hold what others wait for: then it goes on at its niceness, and not only when nobody wants the processor.
    public static func lower(_ process: Int32, holdingUp others: Bool = false) {
        if opshub_set_slice(process, niceness, slice, 0) != 0 {
            _ = setpriority(__priority_which_t(PRIO_PROCESS.rawValue), UInt32(bitPattern: process), niceness)
        }
        setGroup(of: "\(process)", to: niceness)
        if !others { BackgroundWatch.own?.add(process) }
    }

    /// Does a piece of such work on the thread that calls, one of ``quality``; none that this one starts inherits its slice.
    static func piece(_ body: () -> Void) {
        guard mayRaise else { return body() }
        // Queues of that class have threads of their own, which do nothing else.
        BackgroundWatch.own?.addThread()
        _ = opshub_set_slice(0, niceness, slice, 1)
        body()
        _ = opshub_set_slice(0, niceness, 0, 0)
    }

    /// Calls a library that starts threads of its own for the thread that calls: where this does such work, they do.
    ///
    /// - Parameters:
    ///   - library: What the threads are called after until they call themselves something else.
    ///   - body: The call that starts them.
    /// - Returns: What the call returns.
    /// - Throws: What the call throws.
    public static func keepingThreads<Result, Problem>(
        of library: String,
        _ body: () throws(Problem) -> Result,
    ) throws(Problem) -> Result {
        guard mayRaise, let watch = BackgroundWatch.own else { return try body() }
        return try watch.keepingThreads(of: library, body)
    }

    /// Does such work in this process.
    ///
    /// As long as any of it lasts, this process's group is lowered too, or its part would be favoured over the programs that it works with.
    ///
    /// - Parameter body: The work; its tasks run on threads of low priority.
    /// - Returns: What it returns.
    public static func run<Result: Sendable>(
        _ body: @Sendable () async throws -> Result
    ) async rethrows -> Result {
        begin()
        defer { end() }
        return try await $isUnderWay.withValue(true) {
            try await withTaskExecutorPreference(executor) { try await body() }
        }
    }

    /// Whether whoever asks is at such work in this process.
    @TaskLocal public static var isUnderWay = false

    /// How much such work is under way in this process.
    private static let running = Mutex(0)

    private static func begin() {
        running.withLock { count in
            if mayRaise, let watch = BackgroundWatch.own {
                watch.begin()
            } else if count == 0 {
                setGroup(of: "self", to: niceness)
            }
            count += 1
        }
    }

    private static func end() {
        let isLast = running.withLock { count in
            count -= 1
            if mayRaise, let watch = BackgroundWatch.own {
                watch.end()
            } else if count == 0, !setGroup(of: "self", to: 0) {
                raiseLater()
            }
            return count == 0
        }
        // What a large database has passed through would otherwise stay this process's until the next one.
        if isLast { ProcessMemory.giveBack() }
    }

    /// Gives the group back what is its own as soon as the kernel takes it.
    private static func raiseLater() {
        Task(name: "end of background work") {
            for _ in 1...50 {
                try await ContinuousClock().sleep(for: .milliseconds(150))
                if running.withLock({ $0 > 0 || setGroup(of: "self", to: 0) }) { return }
            }
        }
    }

    /// Whether there was nothing to do, or it was done.
    @discardableResult
    private static func setGroup(of process: String, to niceness: Int32) -> Bool {
        // A kernel that knows no groups has no such file.
        guard
            let group = try? FileDescriptor.open(
                FilePath("/proc/\(process)/autogroup"),
                .writeOnly,
                options: [.closeOnExec],
            )
        else { return true }
        do {
            _ = try group.closeAfter { try group.writeAll("\(niceness)\n".utf8) }
            return true
        } catch {
            // Refused when somebody else was just asked for the same: whoever needs it for certain asks again. Any other refusal stays:
            // a process that never was in a session of its own is in no group of this kind, and its file is empty.
            return error as? Errno != .resourceTemporarilyUnavailable
        }
    }

    /// The executor of such work in this process.
    private static let executor: any TaskExecutor = BackgroundExecutor()

    /// The class of queue of such work in this process, whose threads have the same niceness.
    ///
    /// Only where a thread's priority may be raised again: threads take that of those that start them, and one that may not would keep it
    /// for whatever it does next.
    static let quality = mayRaise ? DispatchQoS.background : .unspecified

    /// Whether this process has the capability for it (CAP_SYS_NICE, the 23rd of capabilities(7)).
    private static let mayRaise: Bool = {
        let status = (try? FileContent.text(of: "/proc/self/status")) ?? nil
        let line = status?.split(separator: "\n").first { $0.hasPrefix("CapEff:") }
        let digits = line?.split(whereSeparator: \.isWhitespace).last ?? "0"
        return (UInt64(digits, radix: 16) ?? 0) >> 23 & 1 == 1
    }()
}

/// Runs tasks on threads of low priority.
private final class BackgroundExecutor: TaskExecutor {
    private let queue = DispatchQueue(
        label: "background",
        qos: BackgroundPriority.quality,
        attributes: .concurrent,
    )

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async {
            BackgroundPriority.piece { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }
}
