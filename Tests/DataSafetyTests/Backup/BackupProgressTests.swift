// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@Suite("How far a backup has come")
struct BackupProgressTests {
    @Test("is told while it is dumped and proven, with as many bytes as last time, and not after it")
    func stages() async throws {
        let bench = Bench()
        let seen = Noted<BackupProgress>()
        @Sendable func note() async throws {
            let newest = try await bench.backups.list(Samples.database.environment).first
            guard let newest, let progress = bench.backups.progress(of: newest.id) else { return }
            seen.add(progress)
        }
        bench.server.change { script in
            let (dump, drill) = (script.dump, script.drill)
            script.dump = { sink in
                let dumped = try await dump(sink)
                try await note()
                return dumped
            }
            script.drill = { bytes in
                try await note()
                return try await drill(bytes)
            }
        }
        let first = try await bench.written()
        _ = try await bench.backups.drill(first.id)
        let size = try #require(first.content?.encoding?.plain.size ?? first.content?.seal.size)
        let second = try await bench.written()
        let stages = seen.all
        #expect(stages.map(\.stage) == [.dumping, .comparing, .dumping])
        #expect(stages.map(\.total) == [nil, nil, size])
        #expect(stages[0].done == size && stages[2].done == size)
        for id in [first.id, second.id] { #expect(bench.backups.progress(of: id) == nil) }
    }

    @Test("is gone after a failure")
    func failure() async throws {
        let bench = Bench()
        bench.server.change { $0.dump = { _ in throw Failure(.unreachable, "no server") } }
        await #expect(throws: Failure.self) { try await bench.written() }
        let failed = try #require(try await bench.backups.list(Samples.database.environment).first)
        #expect(bench.backups.progress(of: failed.id) == nil)
    }
}
