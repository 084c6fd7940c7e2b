// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Core
import DataSafety
import HostSystem
import Testing

@testable import RedisTools

@Suite("A backup of a Redis server", .serialized, .timeLimit(.minutes(10)))
struct RedisBackupTests {
    @Test("holds the keys of every database of one moment, and Redis's own reader proves it")
    func proven() async throws {
        try await RedisBench.with { bench in
            try await bench.make(
                "SET text hello",
                "HSET hash a 1 b 2",
                "ZADD set 1 a",
                "XADD stream * a b",
                "SET soon x PX 1",
            )
            for number in 0..<50 { try await bench.ask("LPUSH list-\(number) x") }
            let written = try await bench.create()
            let content = try #require(written.content)
            let keys = try #require(content.fingerprint.tables["keys"]?.rows)
            // The one that has expired may be there still.
            #expect((54...55).contains(keys))
            #expect(content.tool.hasPrefix("redis-server "))
            let proven = try await bench.backups.drill(written.id)
            #expect(proven.failure == nil)
            #expect(proven.drill?.rows == keys)
            #expect(try Folder.names(in: bench.place().drills).isEmpty)
            #expect(try !Folder.names(in: bench.place().data).contains("dump.rdb"))
        }
    }

    @Test("may be of a server without a key")
    func empty() async throws {
        try await RedisBench.with { bench in
            try await bench.make()
            let proven = try await bench.backups.drill(try await bench.create().id)
            #expect(proven.drill?.rows == 0)
        }
    }

    @Test("that was cut or changed is not read to its end, and is failed")
    func damaged() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a \(String(repeating: "x1y", count: 3000))", "SET b 1")
            let written = try await bench.create()
            let box = ByteCollector()
            _ = try await bench.dumps.dump(bench.target()) { box.add($0) }
            let bytes = box.bytes
            var flipped = bytes
            flipped[bytes.count / 2] ^= 1
            for wrong in [Array(bytes.prefix(bytes.count / 2)), flipped, [], Array("no dump".utf8)] {
                let failure = await #expect(throws: Failure.self) {
                    _ = try await bench.dumps.drill(written, from: DumpFeed { try await $0(wrong) })
                }
                #expect(failure?.code == .backupFailed, "\(wrong.count): \(String(describing: failure))")
            }
            // A newer version's is no verdict: this reader does not know it.
            var newer = bytes
            newer.replaceSubrange(5..<9, with: Array("0099".utf8))
            let unknown = newer
            let refusal = await #expect(throws: Failure.self) {
                _ = try await bench.dumps.drill(written, from: DumpFeed { try await $0(unknown) })
            }
            #expect(refusal?.code == .missingProgram)
            let less = try await bench.dumps.drill(written, from: DumpFeed { try await $0(bytes) })
            #expect(written.content?.fingerprint.differences(in: less.0) == [])
            #expect(try Folder.names(in: bench.place().drills).isEmpty)
        }
    }

    @Test("says that it has fewer keys than it had")
    func fewer() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1", "SET b 1")
            let before = try #require(try await bench.create().content?.fingerprint)
            try await bench.ask("DEL a")
            let after = try #require(try await bench.create().content?.fingerprint)
            #expect(before.differences(in: after) == ["server keys: 1 keys instead of 2"])
        }
    }

    @Test("is none while the server is gone, and the next one is")
    func gone() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1")
            try await Supervisor().stop(bench.place().service)
            let failure = await #expect(throws: Failure.self) { try await bench.create() }
            #expect(failure?.code == .unreachable)
            try await bench.make()
            #expect(try await bench.create().content?.fingerprint.rows == 1)
            let nowhere = DatabaseTarget(bench.other, AccessoryName("cache"), "keys", kind: .redis)
            let none = await #expect(throws: Failure.self) {
                try await bench.backups.create(nowhere, because: .schedule)
            }
            #expect(none?.code == .notFound)
        }
    }

    @Test("waits for a rewrite of the log, and for somebody else's snapshot")
    func busy() async throws {
        try await RedisBench.with { bench in
            try await bench.make()
            let owner = try await UnprivilegedAccount().ensure(AccountName(bench.environment, .data))
            let server = try RedisServer(bench.place(), owner: owner)
            let fill = "for i = 1, 300000 do redis.call('SET', 'k' .. i, string.rep('x', 100)) end"
            try await server.ask("EVAL", fill, "0")
            try await server.ask("BGREWRITEAOF")
            let written = try await bench.create()
            #expect(written.content?.fingerprint.rows == 300_000)
        }
    }

    @Test("that was given up leaves no snapshot, and does not keep the next one waiting")
    func givenUp() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1")
            let owner = try await UnprivilegedAccount().ensure(AccountName(bench.environment, .data))
            let server = try RedisServer(bench.place(), owner: owner)
            let fill = "for i = 1, 200000 do redis.call('SET', 'k' .. i, string.rep('x', 100)) end"
            try await server.ask("EVAL", fill, "0")
            let dump = Task(name: "dump that is given up") {
                try await bench.dumps.dump(bench.target()) { _ in
                    try await ContinuousClock().sleep(for: .seconds(3600))
                }
            }
            let hasBegun = try await Patience.wait(.seconds(60)) {
                try Folder.names(in: bench.place().data).contains("dump.rdb")
            }
            #expect(hasBegun)
            dump.cancel()
            await #expect(throws: (any Error).self) { try await dump.value }
            #expect(try !Folder.names(in: bench.place().data).contains("dump.rdb"))
            #expect(try await bench.create().content?.fingerprint.rows == 200_001)
        }
    }
}
