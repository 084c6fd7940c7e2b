// SPDX-License-Identifier: Apache-2.0
import Core
import Delivery
import FoundationEssentials
import HostSystem
import Testing

@testable import InstanceFolders

@Suite("The log of an instance", .timeLimit(.minutes(10)))
struct LogFolderTests {
    @Test("is read from its end, oldest line first", arguments: [1, 2, 3, 4, 100])
    func tail(_ limit: Int) async throws {
        try await use { folder in
            try write("@1.s", ["a 1", "a 2"], to: folder, hour: 1)
            try write("current", ["b 1", "b 2"], to: folder, hour: 2)
            let page = try LogFolder(path: folder).page(after: nil, limit: limit)
            #expect(page.lines.map(\.text) == ["a 1", "a 2", "b 1", "b 2"].suffix(limit))
            #expect(try LogFolder(path: folder).page(after: page.next, limit: 10).lines.isEmpty)
        }
    }

    @Test("goes on behind a cursor, page by page")
    func pages() async throws {
        try await use { folder in
            try write("@1.s", ["1", "2", "3"], to: folder, hour: 1)
            try write("current", ["4", "5"], to: folder, hour: 2)
            var cursor: LogCursor? = LogCursor(rawValue: "2026-11-21_01:00:00.00000/0")
            var texts: [[String]] = []
            for _ in 0..<4 {
                let page = try LogFolder(path: folder).page(after: cursor, limit: 2)
                texts.append(page.lines.map(\.text))
                cursor = page.next
            }
            #expect(texts == [["1", "2"], ["3", "4"], ["5"], []])
        }
    }

    @Test("goes on where it was after its file was put aside, and after that was deleted")
    func rotated() async throws {
        try await use { folder in
            try write("current", ["1", "2"], to: folder, hour: 1)
            let first = try LogFolder(path: folder).page(after: nil, limit: 1)
            try Folder.rename("\(folder)/current", to: "\(folder)/@1.u")
            #expect(try LogFolder(path: folder).page(after: first.next, limit: 9).next == first.next)
            try write("@1.u", ["1", "2", "3"], to: folder, hour: 1)
            try write("current", ["4"], to: folder, hour: 2)
            #expect(try texts(folder, after: first.next) == ["3", "4"])
            try Folder.remove("\(folder)/@1.u")
            #expect(try texts(folder, after: first.next) == ["4"])
        }
    }

    @Test("leaves out a line that is still being written")
    func partial() async throws {
        try await use { folder in
            let stamp = "2026-11-21_01:00:00.00000 "
            try FileContent.write(Array("\(stamp)whole\n\(stamp)hal".utf8), to: "\(folder)/current")
            let page = try LogFolder(path: folder).page(after: nil, limit: 10)
            #expect(page.lines.map(\.text) == ["whole"])
            try FileContent.write(Array("\(stamp)whole\n\(stamp)half\n".utf8), to: "\(folder)/current")
            #expect(try texts(folder, after: page.next) == ["half"])
        }
    }

    @Test("knows the time of each line")
    func time() async throws {
        try await use { folder in
            try FileContent.write(
                Array("2026-11-21_01:23:44.10734 a\n2024-02-29_23:59:59.99999 b\n".utf8),
                to: "\(folder)/current",
            )
            let times = try LogFolder(path: folder).page(after: nil, limit: 10).lines
                .map(\.at.timeIntervalSince1970)
            #expect(abs(times[0] - 1_795_224_224.10734) < 1e-4)
            #expect(abs(times[1] - 1_709_251_199.99999) < 1e-4)
        }
    }

    @Test("shows what is not UTF-8, and what svlogd did not stamp")
    func strange() async throws {
        try await use { folder in
            let bytes = Array("2026-11-21_01:00:00.00000 ".utf8) + [0xFF, 0x0A] + Array("bare\n".utf8)
            try FileContent.write(bytes, to: "\(folder)/current")
            #expect(try texts(folder, after: nil) == ["\u{FFFD}", "bare"])
        }
    }

    @Test("shows a line that was too long for one file in pieces, and goes on behind it")
    func endless() async throws {
        try await use { folder in
            let stamp = "2026-11-21_01:00:00.0000"
            try FileContent.write(Array("\(stamp)0 a\n\(stamp)1 begin".utf8), to: "\(folder)/@1.s")
            try FileContent.write(Array("middle".utf8), to: "\(folder)/@2.s")
            try FileContent.write(Array("end\n\(stamp)2 b/c\n\(stamp)3 part".utf8), to: "\(folder)/current")
            let log = LogFolder(path: folder)
            #expect(try log.page(after: nil, limit: 9).lines.map(\.text) == ["a", "begin", "end", "b/c"])
            var (cursor, texts) = (LogCursor(rawValue: "\(stamp)0/0"), [String]())
            for _ in 0..<6 {
                let page = try log.page(after: cursor, limit: 1)
                texts += page.lines.map(\.text)
                cursor = try #require(page.next)
            }
            #expect(texts == ["a", "begin", "end", "b/c"])
        }
    }

    @Test("has no lines when none are wanted", arguments: [0, -1])
    func noLimit(_ limit: Int) async throws {
        try await use { folder in
            try write("current", ["1"], to: folder, hour: 1)
            let page = try LogFolder(path: folder).page(after: nil, limit: limit)
            #expect(page.lines.isEmpty)
            #expect(try LogFolder(path: folder).page(after: page.next, limit: limit).lines.isEmpty)
        }
    }

    @Test("keeps lines of 60 kB whole while files are put aside")
    func longLines() async throws {
        try await use { folder in
            let script = "for i in range(40): print(str(i) + 'x' * 60000)"
            let log = SupervisedProgram.Log(folder: "\(folder)/log", keptFiles: 10)
            let program = SupervisedProgram(
                folder: "\(folder)/service",
                command: [
                    "python3", "-c", script + "\nprint('end', flush=True)\nimport time\ntime.sleep(600)",
                ],
                directory: "/",
                ambient: ["PATH": ExecutablePath.folders],
                log: log,
            )
            try await Supervisor().ensure(program)
            var lines: [String] = []
            try await eventually("all is written") {
                lines = try LogFolder(path: log.folder).page(after: nil, limit: 100).lines.map(\.text)
                return lines.last == "end"
            }
            try await Supervisor().stop(program.folder)
            #expect(
                lines.dropLast() == (0..<40).map { "\($0)" + String(repeating: "x", count: 60_000) }[...]
            )
            #expect(try Folder.names(in: log.folder).contains { $0.hasPrefix("@") })
        }
    }

    @Test("is empty when there is none")
    func none() async throws {
        try await use { folder in
            #expect(
                try LogFolder(path: "\(folder)/none").page(after: nil, limit: 5)
                    == LogPage(lines: [], next: nil)
            )
            try FileContent.write([], to: "\(folder)/current")
            #expect(try LogFolder(path: folder).page(after: nil, limit: 5) == LogPage(lines: [], next: nil))
        }
    }

    @Test(
        "has no place that it did not name itself",
        arguments: ["", "x", "12", "2026-11-21_01:00:00.00000/-1", "/", "a/b/c"],
    )
    func badCursor(_ text: String) async throws {
        try await use { folder in
            try write("current", ["1"], to: folder, hour: 1)
            let failure = #expect(throws: Failure.self) {
                try LogFolder(path: folder).page(after: LogCursor(rawValue: text), limit: 5)
            }
            #expect(failure?.code == .invalid)
        }
    }

    @Test("loses no line and doubles none while it is written and put aside")
    func real() async throws {
        try await use { folder in
            let line = "i=0; while [ $i -lt 4000 ]; do echo line $i; i=$((i + 1)); done; exec sleep 600"
            let log = SupervisedProgram.Log(
                folder: "\(folder)/log",
                fileSize: ByteCount(8192),
                keptFiles: 50,
            )
            let program = SupervisedProgram(
                folder: "\(folder)/service",
                command: ["/bin/sh", "-c", line],
                directory: "/",
                log: log,
            )
            try await Supervisor().ensure(program)
            var seen: [String] = []
            var cursor: LogCursor? = nil
            try await eventually("all lines were read") {
                let page = try LogFolder(path: log.folder)
                    .page(after: cursor, limit: cursor == nil ? .max : 300)
                seen += page.lines.map(\.text)
                cursor = page.next
                return seen.last == "line 3999"
            }
            try await Supervisor().stop(program.folder)
            #expect(seen == (0..<4000).map { "line \($0)" })
            #expect(try Folder.names(in: log.folder).count > 5)
        }
    }

    private func texts(_ folder: String, after cursor: LogCursor?) throws -> [String] {
        try LogFolder(path: folder).page(after: cursor, limit: 100).lines.map(\.text)
    }

    private func write(_ name: String, _ lines: [String], to folder: String, hour: Int) throws {
        let text = lines.enumerated().map { "2026-11-21_0\(hour):00:00.0000\($0.offset) \($0.element)\n" }
            .joined()
        try FileContent.write(Array(text.utf8), to: "\(folder)/\(name)")
    }

    private func use(_ body: (String) async throws -> Void) async throws {
        let folder = "/tmp/opshub-log-\(UInt64.random(in: 0...UInt64.max))"
        try Folder.make(folder)
        defer {
            // What can't be removed from /tmp is no failure of the log.
            try? Folder.remove(folder)
        }
        try await body(folder)
    }
}
