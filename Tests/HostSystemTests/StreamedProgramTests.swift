// SPDX-License-Identifier: Apache-2.0
import Core
import HostSystem
import Testing

@Suite("A program whose bytes pass through")
struct StreamedProgramTests {
    private func shell(_ line: String, deadline: Duration = .seconds(20)) -> StreamedProgram {
        StreamedProgram(program: Program("/bin/sh", ["-c", line], deadline: deadline))
    }

    @Test("Every byte of its output arrives in order, and its errors are kept apart")
    func output() async throws {
        let box = ByteCollector()
        let result = try await shell("head -c 3000000 /dev/zero; echo end; echo trouble >&2; exit 3")
            .stream { box.add($0) }
        #expect(box.bytes.count == 3_000_004)
        #expect(box.bytes.suffix(4).elementsEqual("end\n".utf8))
        #expect(result.ending == .exited(3))
        #expect(result.errors == "trouble\n")
        #expect(result.output.isEmpty)
    }

    @Test("Every byte that it is fed arrives")
    func input() async throws {
        let chunk = [UInt8](repeating: 7, count: 100_000)
        let (result, tookAll) = try await shell("test $(wc -c) = 3000000")
            .feed(from: { sink in
                for _ in 0..<30 { try await sink(chunk) }
            })
        #expect(result.isSuccess && tookAll)
    }

    @Test("A program that stops reading is told by its status and not by the end of this process")
    func stopsReading() async throws {
        let chunk = [UInt8](repeating: 7, count: 1 << 20)
        let (result, tookAll) = try await shell("head -c 10 >/dev/null; echo enough >&2; exit 4")
            .feed(from: { sink in
                for _ in 0..<30 { try await sink(chunk) }
            })
        #expect(result.ending == .exited(4))
        #expect(result.errors == "enough\n")
        #expect(!tookAll)
    }

    @Test("When its bytes can't be taken the program is ended and the reason is thrown")
    func sinkThrows() async throws {
        struct Full: Error {}
        await #expect(throws: Full.self) {
            _ = try await shell("cat /dev/zero").stream { _ in throw Full() }
        }
    }

    @Test("When there is nothing to feed it with the program is ended and the reason is thrown")
    func feedThrows() async throws {
        struct Gone: Error {}
        await #expect(throws: Gone.self) {
            _ = try await shell("cat >/dev/null; sleep 30").feed(from: { _ in throw Gone() })
        }
    }

    @Test("A program that takes too long is ended and told")
    func deadline() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await shell("sleep 30", deadline: .milliseconds(100)).stream { _ in }
        }
        #expect(failure?.code == .deadlineExceeded)
    }

    @Test("A cancelled task ends its program")
    func cancelled() async throws {
        let task = Task { _ = try await shell("sleep 30").stream { _ in } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    @Test("A program that is not there is told")
    func missing() async throws {
        let failure = await #expect(throws: Failure.self) {
            _ = try await StreamedProgram(program: Program("/nowhere/pg_dump")).stream { _ in }
        }
        #expect(failure?.code == .programFailed)
    }
}
