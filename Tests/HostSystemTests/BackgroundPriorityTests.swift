// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import HostSystem

@Suite("Work that keeps nobody waiting", .serialized, .timeLimit(.minutes(10)))
struct BackgroundPriorityTests {
    /// Kernels without groups of sessions have no such file, and it is empty for a process that no session was ever begun for.
    private static let hasGroups = (try? FileContent.text(of: "/proc/self/autogroup"))??.isEmpty == false

    @Test("is done by programs at nice 10, and so is their session's group")
    func program() async throws {
        var program = Program("sh", ["-c", "nice; cat /proc/self/autogroup"])
        program.isBackground = true
        let lines = try await ProgramRunner().run(program).output.split(separator: "\n")
        #expect(lines.first == "10")
        // A program has a session of its own, so it has a group wherever the kernel knows them.
        if lines.count > 1 { #expect(lines.last?.hasSuffix(" nice 10") == true, "\(lines)") }
        #expect(program.description == "sh -c 'nice; cat /proc/self/autogroup'")
    }

    @Test(
        "gives the processor up as soon as another program wants it: its slice is a long one",
        .enabled(if: takesSlices),
    )
    func slice() async throws {
        var program = Program("sh", ["-c", "sleep 0.5; grep -o 'se.slice.*' /proc/$$/sched"])
        let usual = try await ProgramRunner().run(program).output
        #expect(!usual.isEmpty && !usual.contains(" 4000000"))
        program.isBackground = true
        let long = try await ProgramRunner().run(program).output
        #expect(long.filter { $0 != " " } == "se.slice:4000000\n")
        _ = try await StreamedProgram(program: program)
            .stream { bytes in
                let streamed = String(decoding: bytes, as: UTF8.self)
                #expect(streamed == long)
            }
    }

    /// Kernels from 6.12 on take it, and tell when they are built to.
    private static let takesSlices: Bool = {
        let release = (try? FileContent.text(of: "/proc/sys/kernel/osrelease")) ?? nil
        let numbers = (release ?? "").split(separator: ".").prefix(2).compactMap { Int($0) }
        guard numbers.count == 2, (numbers[0], numbers[1]) >= (6, 12) else { return false }
        return (try? FileContent.text(of: "/proc/self/sched"))??.contains("se.slice") == true
    }()

    @Test(
        "lowers this process's session as long as any of it lasts, also when it fails, where it has no control group",
        .enabled(if: hasGroups),
    )
    func group() async throws {
        struct Wrong: Error {}
        await #expect(throws: Wrong.self) {
            try await BackgroundPriority.run {
                await BackgroundPriority.run {}
                let during = try FileContent.text(of: "/proc/self/autogroup") ?? ""
                #expect(during.contains(BackgroundGroup.own == nil ? " nice 10" : " nice 0"))
                throw Wrong()
            }
        }
        // Who is not root may have to ask twice.
        let isBack = try await Patience.wait(.seconds(60)) {
            try FileContent.text(of: "/proc/self/autogroup")?.contains(" nice 0") == true
        }
        #expect(isBack)
    }
}
