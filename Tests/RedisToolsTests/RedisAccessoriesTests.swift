// SPDX-License-Identifier: Apache-2.0
import DataSafety
import Core
import Delivery
import Glibc
import HostSystem
import Testing

@testable import RedisTools

@Suite("A Redis server among the accessories", .serialized, .timeLimit(.minutes(10)))
struct RedisAccessoriesTests {
    @Test("answers the application, keeps what it was told through a kill, and is started once")
    func ensure() async throws {
        try await RedisBench.with { bench in
            let wanted = try await bench.specification()
            #expect(try await bench.accessories.address(of: wanted) == nil)
            let made = try await bench.accessories.ensure(wanted)
            #expect(made.port == wanted.port)
            #expect(try await bench.ask("SET greeting hello") == "OK")
            let process = try bench.process()
            #expect(try await bench.accessories.ensure(wanted) == made)
            #expect(try bench.process() == process)
            let isWritten = try await bench.isWrittenDown()
            #expect(isWritten)
            #expect(kill(process, SIGKILL) == 0)
            let isBack = try await Patience.wait(.seconds(60)) {
                try await bench.ask("GET greeting") == "hello"
            }
            #expect(isBack)
            try await Supervisor().stop(bench.place().service)
            #expect(try await bench.accessories.ensure(wanted) == made)
            #expect(try await bench.ask("GET greeting") == "hello")
        }
    }

    @Test("lets the application do what applications do, and nothing to the server itself")
    func rights() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1", "HSET h f v", "LPUSH l x", "XADD s * f v")
            for allowed in [
                "INFO server", "CONFIG GET maxmemory", "CLIENT SETNAME web", "EVAL return(1) 0", "KEYS *",
                "FLUSHDB",
            ] {
                let answer = try await bench.ask(allowed)
                #expect(!answer.contains("NOPERM"), "\(allowed): \(answer)")
            }
            for refused in [
                "CONFIG SET dir /tmp", "SHUTDOWN", "BGSAVE", "SAVE", "ACL LIST", "DEBUG SLEEP 0",
                "REPLICAOF 127.0.0.1 1", "MODULE LIST", "BGREWRITEAOF",
            ] {
                let answer = try await bench.ask(refused)
                #expect(
                    answer.contains("NOPERM") || answer.contains("DEBUG command not allowed"),
                    "\(refused): \(answer)",
                )
            }
            let password = try #require(try FileContent.text(of: bench.place().ownPassword))
            let port = try await bench.specification().port
            let nobody = try await ProgramRunner()
                .run(Program("redis-cli", ["-e", "-p", "\(port)", "PING"]))
            #expect((nobody.output + nobody.errors).contains("NOAUTH"))
            for file in ["redis.conf", "users.acl"] {
                let text = try FileContent.text(of: "\(bench.place().configuration)/\(file)") ?? ""
                #expect(!text.isEmpty && !text.contains(password))
            }
            guard SystemUser.current.isRoot else { return }
            let services = try await UnprivilegedAccount().ensure(AccountName(bench.environment, .services))
            for path in [bench.place().data, bench.place().ownPassword, bench.place().socket] {
                let read = try await ProgramRunner().run(Program("cat", [path], as: services))
                #expect(read.errors.contains("Permission denied"), "\(path): \(read)")
            }
        }
    }

    @Test("is refused where another version is installed, another port's holder is, or something else lies")
    func refusals() async throws {
        try await RedisBench.with { bench in
            let other = try await bench.specification(major: 1)
            let version = await #expect(throws: Failure.self) { try await bench.accessories.ensure(other) }
            #expect(version?.code == .missingProgram)
            #expect(version?.message.contains("asks for Redis 1") == true)
            let wanted = try await bench.specification()
            let holder = try await bench.specification(in: bench.other)
            _ = try await bench.accessories.ensure(holder)
            var taken = wanted
            taken.port = holder.port
            let claimed = taken
            let port = await #expect(throws: Failure.self) { try await bench.accessories.ensure(claimed) }
            #expect(port?.code == .portTaken)
            try Folder.remove(bench.place().path)
            try Folder.make(bench.place().path)
            try DurableFile.write("{}", to: "\(bench.place().path)/folder.json")
            let kind = await #expect(throws: Failure.self) { try await bench.accessories.ensure(wanted) }
            #expect(kind?.code == .conflict)
            #expect(!Folder.exists(bench.place().data))
        }
    }

    @Test("whose data somebody has removed does not begin empty without a word")
    func gone() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1")
            try await Supervisor().stop(bench.place().service)
            try Folder.remove(bench.place().data)
            let wanted = try await bench.specification()
            let failure = await #expect(throws: Failure.self) { try await bench.accessories.ensure(wanted) }
            #expect(failure?.code == .damagedState)
            #expect(failure?.hint?.contains("install -d -m 700 -o ") == true)
        }
    }

    @Test("whose passwords were lost gets others, for everybody at once")
    func passwords() async throws {
        try await RedisBench.with { bench in
            try await bench.make("SET a 1")
            for file in [bench.place().password, bench.place().ownPassword] {
                try Folder.remove(file)
                try await bench.make()
                #expect(try await bench.ask("GET a") == "1")
                #expect(try await bench.create().content?.fingerprint.rows == 1)
            }
        }
    }

    @Test("checks what it is handed to RESTORE before it believes it")
    func sanitized() async throws {
        try await RedisBench.with { bench in
            try await bench.make()
            #expect(
                try await bench.ask("CONFIG GET sanitize-dump-payload") == "sanitize-dump-payload\nclients"
            )
        }
    }
}
