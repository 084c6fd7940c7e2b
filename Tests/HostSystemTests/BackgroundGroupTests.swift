// SPDX-License-Identifier: Apache-2.0
import CHostSystem
import Foundation
import Glibc
import Testing

@testable import HostSystem

@Suite("The control group of work that keeps nobody waiting", .serialized, .timeLimit(.minutes(10)))
struct BackgroundGroupTests {
    private static let hasGroup = BackgroundGroup.own != nil

    @Test(
        "lies below the process's own, in either version of control groups",
        arguments: [
            (
                "9:name=systemd:/\n2:cpu,cpuacct:/system.slice/opshub.service\n0::/elsewhere\n",
                "33 31 0:30 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
                    + "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n",
                "/sys/fs/cgroup/cpu,cpuacct/system.slice/opshub.service", false,
            ),
            ("1:cpu:/\n0::/\n", "32 31 0:29 / /cpu rw - cgroup cgroup rw,cpu\n", "/cpu", false),
            (
                "0::/system.slice/opshub.service\n",
                "24 1 8:1 / / rw - ext4 /dev/sda rw\n30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n",
                "/sys/fs/cgroup/system.slice/opshub.service", true,
            ),
            ("0::/\n", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "/sys/fs/cgroup", true),
            (
                "4:cpu:/docker/17\n", "30 24 0:26 /docker/17 /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n",
                "/sys/fs/cgroup/cpu", false,
            ),
            (
                "0::/docker/175/a\n", "30 24 0:26 /docker/17 /elsewhere rw - cgroup2 cgroup2 rw\n",
                "/elsewhere/docker/175/a", true,
            ),
        ],
    )
    func place(groups: String, mounts: String, folder: String, isUnified: Bool) {
        let place = BackgroundGroup.Place(groups: groups, mounts: mounts)
        #expect(place?.folder == folder)
        #expect(place?.isUnified == isUnified)
        #expect(place?.isTopmost == !(folder.hasSuffix("opshub.service") || folder.hasSuffix("a")))
    }

    @Test(
        "is nowhere when the kernel has none, nobody mounted it, or the texts are no such texts",
        arguments: [
            ("", ""), ("0::/\n", "24 1 8:1 / / rw - ext4 /dev/sda rw\n"), ("nonsense", "nonsense - "),
            ("1:cpu:/\n", "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"),
        ],
    )
    func nowhere(groups: String, mounts: String) {
        #expect(BackgroundGroup.Place(groups: groups, mounts: mounts) == nil)
    }

    @Test("has the programs of such work and no others", .enabled(if: hasGroup))
    func programs() async throws {
        var program = Program("sh", ["-c", "sleep 0.3; cat /proc/self/cgroup"])
        #expect(try await !ProgramRunner().run(program).output.contains("opshub-background"))
        program.isBackground = true
        #expect(try await ProgramRunner().run(program).output.contains("/opshub-background\n"))
    }

    @Test("has the threads of such work", .enabled(if: hasGroup))
    func threads() async throws {
        let inside = await BackgroundPriority.run {
            await Task.yield()
            return (BackgroundGroup.own?.members ?? []).filter { Folder.exists("/proc/self/task/\($0)") }
        }
        #expect(!inside.isEmpty)
    }

    @Test("loses a thread that was started from within it for something else", .enabled(if: hasGroup))
    func others() async throws {
        let group = try #require(BackgroundGroup.own)
        // The first one is the tests' own.
        let thread = getpid()
        group.add(thread: thread)
        #expect(group.members.contains(thread))
        let isOut = try await BackgroundPriority.run {
            try await Patience.wait(.seconds(120)) { !group.members.contains(thread) }
        }
        #expect(isOut)
    }

    @Test("keeps the threads that a library starts for such work, until they end", .enabled(if: hasGroup))
    func library() async throws {
        let group = try #require(BackgroundGroup.own)
        let (hasBegun, isOver) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        try await BackgroundPriority.run {
            // Its first job runs on a thread of such work.
            await Task.yield()
            BackgroundPriority.keepingThreads(of: "library") {
                Thread.detachNewThread {
                    hasBegun.signal()
                    isOver.wait()
                }
                hasBegun.wait()
            }
            let found = try Self.threads { $0.hasPrefix("libr-") }
            #expect(found.count == 1)
            let thread = try #require(found.first)
            // Several times as long as it takes until any other thread is out.
            try await ContinuousClock().sleep(for: .seconds(4))
            #expect(group.members.contains(thread))
            isOver.signal()
            let isGone = try await Patience.wait(.seconds(60)) { !group.members.contains(thread) }
            #expect(isGone)
        }
        // None goes on under that name.
        let named = try Self.threads { $0.hasPrefix("libr-") }
        #expect(named.isEmpty)
    }

    /// The threads of the tests that are called something.
    private static func threads(where isWanted: (String) -> Bool) throws -> [Int32] {
        try Folder.names(in: "/proc/self/task").compactMap { Int32($0) }
            .filter { isWanted(try FileContent.text(of: "/proc/self/task/\($0)/comm") ?? "") }
    }

    @Test("has its share as soon as it starves, and waits again when there is room", .enabled(if: hasGroup))
    func starving() async throws {
        let group = try #require(BackgroundGroup.own)
        let share = group.isUnified ? "cpu.weight" : "cpu.shares"
        let busy = "for i in $(seq $(nproc)); do while :; do :; done & done; wait"
        let waits = { try FileContent.text(of: "\(group.folder)/cpu.idle") == "1\n" }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask(name: "everybody else") {
                _ = try await ProgramRunner()
                    .run(Program("sh", ["-c", busy], deadline: .seconds(300)), onLine: { _ in })
            }
            tasks.addTask(name: "such work") {
                var program = Program("sh", ["-c", "while :; do :; done"], deadline: .seconds(300))
                program.isBackground = true
                _ = try await ProgramRunner().run(program) { _ in }
            }
            let isOwed = try await Patience.wait(.seconds(120)) { try !waits() }
            #expect(isOwed)
            #expect(
                try FileContent.text(of: "\(group.folder)/\(share)") == (group.isUnified ? "10\n" : "102\n")
            )
            tasks.cancelAll()
            while let result = await tasks.nextResult() {
                if case .success = result { Issue.record("it ended") }
            }
        }
        let isBack = try await Patience.wait(.seconds(120)) { try waits() }
        #expect(isBack)
    }

    @Test(
        "is owed a share after it had less than a tenth of what it wanted, until others leave it a fifth of the machine",
        arguments: [
            // owed before, ran, waited, owed after: milliseconds within a second, on two processors
            (false, 0, 0, false), (false, 90, 400, false), (false, 0, 600, true), (false, 50, 1000, true),
            (false, 120, 1000, false), (false, 2000, 3000, false), (true, 100, 1900, true),
            (true, 390, 1000, true),
            (true, 410, 1000, false), (true, 50, 90, false),
        ],
    )
    func owed(before: Bool, ran: UInt64, waited: UInt64, after: Bool) {
        var share = BackgroundShare()
        if before { share.note(.init(ran: 0, waited: 900_000_000), over: 1_000_000_000, on: 2) }
        #expect(share.isOwed == before)
        share.note(.init(ran: ran * 1_000_000, waited: waited * 1_000_000), over: 1_000_000_000, on: 2)
        #expect(share.isOwed == after)
    }
}
