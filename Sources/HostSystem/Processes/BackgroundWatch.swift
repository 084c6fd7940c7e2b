// SPDX-License-Identifier: Apache-2.0
import CHostSystem
import Core
import Glibc
import Synchronization
import SystemPackage

/// Sees to it that work in a ``BackgroundGroup`` does not starve there, and that nothing else of this process is in it.
final class BackgroundWatch: Sendable {
    private struct State {
        /// The threads of this process that belong there.
        var threads: Set<Int32> = []
        /// How much work is under way in this process.
        var count = 0
        var isWatching = false
    }

    /// The watch over this process's own group; nil where there is none.
    static let own = BackgroundGroup.own.map { BackgroundWatch(over: $0) }

    private let group: BackgroundGroup
    private let state = Mutex(State())

    init(over group: BackgroundGroup) { self.group = group }

    /// Moves a process there.
    func add(_ process: Int32) {
        group.add(process)
        state.withLock { watch(&$0) }
    }

    /// Moves the thread that calls there, for as long as it lives.
    func addThread() {
        let thread = opshub_thread()
        guard state.withLock({ $0.threads.insert(thread).inserted }) else { return }
        group.add(thread: thread)
    }

    /// Calls what starts threads of its own for the thread that calls: they belong there as it does.
    func keepingThreads<Result, Problem>(
        of library: String,
        _ body: () throws(Problem) -> Result,
    ) throws(Problem) -> Result {
        let thread = opshub_thread()
        // A thread begins with the name of the one that starts it, which nothing else has meanwhile; it has 15 letters at most.
        let (before, name) = (Self.name(of: thread), "\(library.prefix(4))-\(thread)")
        Self.setName(name)
        defer {
            before.map(Self.setName)
            // Nor one that was taken out before it was known.
            let all = (try? Folder.names(in: "/proc/self/task").compactMap { Int32($0) }) ?? []
            let started = all.filter { $0 != thread && Self.name(of: $0) == name }
            state.withLock { state in
                state.threads.formUnion(started)
                for one in started { group.add(thread: one) }
            }
        }
        return try body()
    }

    /// Nil for one of another process, or that has ended.
    private static func name(of thread: Int32) -> String? {
        guard let text = try? FileContent.text(of: "/proc/self/task/\(thread)/comm") else { return nil }
        return String(text.prefix { !$0.isNewline })
    }

    /// Of the thread that calls; it keeps the one it has where it can't be had.
    private static func setName(_ name: String) {
        let path = FilePath("/proc/thread-self/comm")
        guard let file = try? FileDescriptor.open(path, .writeOnly, options: [.closeOnExec]) else { return }
        _ = try? file.closeAfter { try file.writeAll(name.utf8) }
    }

    /// Work of this process begins.
    func begin() {
        state.withLock {
            $0.count += 1
            watch(&$0)
        }
    }

    /// Work of this process has ended.
    func end() { state.withLock { $0.count -= 1 } }

    private func watch(_ state: inout State) {
        guard !state.isWatching else { return }
        state.isWatching = true
        Task(name: "watch over background work") { await watch() }
    }

    private func watch() async {
        let clock = ContinuousClock()
        var share = BackgroundShare()
        var (before, since) = (Self.times(of: group.members), clock.now)
        // Whoever was killed may have left it as it was.
        group.setWaiting(true)
        while goesOn() {
            // Not cancelled by anybody: it ends with the work.
            try? await clock.sleep(for: .seconds(1))
            let (members, now) = (group.members, clock.now)
            let times = Self.times(of: members)
            share.note(
                Self.sum(times, since: before),
                over: UInt64(since.duration(to: now) / .nanoseconds(1)),
                on: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            )
            // Each time: another control plane on this machine may have said otherwise.
            group.setWaiting(!share.isOwed)
            (before, since) = (times, now)
            releaseOthers()
        }
    }

    /// Under the lock, so that whatever is added afterwards finds that nobody watches.
    private func goesOn() -> Bool {
        state.withLock { state in
            let others = group.members.filter { !state.threads.contains($0) }
            guard state.count == 0, others.isEmpty else { return true }
            group.setWaiting(true)
            state.isWatching = false
            return false
        }
    }

    /// A thread begins in the group of the one that starts it, also when it is there for something else.
    private func releaseOthers() {
        state.withLock { state in
            let own = Set(group.members.filter { Folder.exists("/proc/self/task/\($0)") })
            state.threads.formIntersection(own)
            for thread in own.subtracting(state.threads) { group.release(thread: thread) }
        }
    }

    /// Nanoseconds, as each thread's `schedstat` has them.
    private static func times(of threads: [Int32]) -> [Int32: BackgroundShare.Times] {
        var times: [Int32: BackgroundShare.Times] = [:]
        for thread in threads {
            // One that has ended has none.
            guard let text = try? FileContent.text(of: "/proc/\(thread)/schedstat") else { continue }
            let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
            guard numbers.count >= 2 else { continue }
            times[thread] = BackgroundShare.Times(ran: numbers[0], waited: numbers[1])
        }
        return times
    }

    private static func sum(
        _ times: [Int32: BackgroundShare.Times],
        since before: [Int32: BackgroundShare.Times],
    ) -> BackgroundShare.Times {
        var sum = BackgroundShare.Times()
        for (thread, now) in times {
            // One that is new has begun meanwhile, or was somewhere else until then: it counts from the next time on.
            guard let then = before[thread], now.ran >= then.ran, now.waited >= then.waited else { continue }
            sum.ran += now.ran - then.ran
            sum.waited += now.waited - then.waited
        }
        return sum
    }
}
