// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// A control group whose members have a processor only as long as nobody else wants it.
///
/// Of everything that the kernel offers this alone gives the processor to whoever wakes up outside of the group at once (`cpu.idle`
/// in Documentation/scheduler/sched-design-CFS.rst, Linux since 5.15): niceness only says who gets how much of it in the end.
struct BackgroundGroup: Sendable {
    /// Its folder.
    let folder: String
    /// Whether it is one of cgroup v2, where a process's threads can be in several groups only when these are `threaded`.
    let isUnified: Bool

    /// What the controller gives it when it may not wait for everybody else: a tenth of what others have who asked for nothing.
    private static let shares = (file: "cpu.shares", value: 102)
    private static let weight = (file: "cpu.weight", value: 10)

    /// The one below this process's own, made when it is missing; nil where the kernel has none or this process may not have one.
    static let own: BackgroundGroup? = {
        // Kernels that are built without it can't say whether the group starves.
        guard let groups = text("/proc/self/cgroup"), let mounts = text("/proc/self/mountinfo"),
            let parent = Place(groups: groups, mounts: mounts), text("/proc/self/schedstat") != nil,
            // The topmost group of a container, unlike the machine's, has a type: a threaded one would bear no groups of others, such as a Docker engine's.
            !(parent.isUnified && parent.isTopmost && text("\(parent.folder)/cgroup.type") != nil)
        else { return nil }
        let group = BackgroundGroup(
            folder: "\(parent.folder)/opshub-background",
            isUnified: parent.isUnified,
        )
        return group.make() ? group : nil
    }()

    /// Where a process's own group is that has the controller for processors.
    struct Place: Hashable {
        var folder: String
        var isUnified: Bool
        /// Whether nothing is above it that can be seen from here.
        var isTopmost: Bool

        /// Finds it; nil when there is none.
        ///
        /// - Parameters:
        ///   - groups: What `/proc/self/cgroup` holds: `hierarchy:controllers:path`, one each.
        ///   - mounts: What `/proc/self/mountinfo` holds; see proc(5).
        init?(groups: String, mounts: String) {
            var paths: [Bool: Substring] = [:]
            for line in groups.split(separator: "\n") {
                let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
                guard fields.count == 3 else { continue }
                if fields[1].split(separator: ",").contains("cpu") { paths[false] = fields[2] }
                if fields[0] == "0", fields[1].isEmpty { paths[true] = fields[2] }
            }
            // A controller is in one of both.
            isUnified = paths[false] == nil
            guard let path = paths[isUnified] else { return nil }
            for line in mounts.split(separator: "\n") {
                guard let middle = line.firstRange(of: " - ") else { continue }
                let fields = line[..<middle.lowerBound].split(separator: " ")
                let kind = line[middle.upperBound...].split(separator: " ")
                guard fields.count >= 5, kind.count >= 3,
                    isUnified
                        ? kind[0] == "cgroup2"
                        : kind[0] == "cgroup" && kind[2].split(separator: ",").contains("cpu")
                else { continue }
                // In a container only a part of the hierarchy is there.
                let isBelow = path == fields[3] || path.hasPrefix("\(fields[3])/")
                let own = isBelow ? path.dropFirst(fields[3].count) : path
                isTopmost = own == "/" || own.isEmpty
                folder = isTopmost ? String(fields[4]) : "\(fields[4])\(own)"
                return
            }
            return nil
        }
    }

    /// Moves a process to it, with all of its threads and with whatever it starts from now on.
    func add(_ process: Int32) { write("\(process)", to: "cgroup.procs") }

    /// Moves a thread of this process to it.
    func add(thread: Int32) { write("\(thread)", to: threads) }

    /// Moves a thread of this process back to where the others are.
    func release(thread: Int32) { write("\(thread)", to: "../\(threads)") }

    /// Every thread of everything that is in it.
    var members: [Int32] {
        (Self.text("\(folder)/\(threads)") ?? "").split(separator: "\n").compactMap { Int32($0) }
    }

    /// Whether its members wait for everybody else; they have their share otherwise.
    ///
    /// - Returns: Whether the kernel took it.
    @discardableResult
    func setWaiting(_ waits: Bool) -> Bool {
        guard write(waits ? "1" : "0", to: "cpu.idle") else { return false }
        let share = isUnified ? Self.weight : Self.shares
        return waits || write("\(share.value)", to: share.file)
    }

    private var threads: String { isUnified ? "cgroup.threads" : "tasks" }

    /// Makes it, and leaves nothing when it can't be had.
    private func make() -> Bool {
        let isNew = unsafe mkdir(folder, 0o755) == 0
        guard isNew || errno == EEXIST else { return false }
        if !isUnified || becomesThreaded(), setWaiting(true) { return true }
        if isNew { _ = unsafe rmdir(folder) }
        return false
    }

    /// Not where this process's group has others below it that are not of this kind.
    private func becomesThreaded() -> Bool {
        (Self.text("\(folder)/cgroup.type") == "threaded\n" || write("threaded", to: "cgroup.type"))
            && write("+cpu", to: "../cgroup.subtree_control")
    }

    /// Refused for what has ended, and where this process may not: then it stays where it is, at its niceness.
    @discardableResult
    private func write(_ text: String, to name: String) -> Bool {
        guard
            let file = try? FileDescriptor.open(
                FilePath("\(folder)/\(name)"),
                .writeOnly,
                options: [.closeOnExec],
            )
        else { return false }
        return (try? file.closeAfter { try file.writeAll(text.utf8) }) != nil
    }

    private static func text(_ path: String) -> String? {
        // What can't be read is not there for this purpose.
        (try? FileContent.text(of: path)) ?? nil
    }
}
