// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import FoundationEssentials
import TestSupport
import Testing

@Suite("Proving a backup by restoring it")
struct BackupDrillTests {
    @Test("The bytes are read, restored and compared")
    func success() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { script in
            script.drill = { bytes in
                #expect(bytes == Samples.bytes)
                return ScriptedDatabaseServer.Script.restored
            }
        }
        let verified = try await bench.backups.drill(written.id)

        let drill = try #require(verified.drill)
        #expect((drill.tables, drill.rows) == (1, 42))
        #expect(drill.serverVersion == "15.20")
        #expect(drill.took > .zero)
        #expect(bench.server.calls == ["dump", "drill b1"])
        #expect(bench.store.history.map(\.state.name) == ["started", "written", "verified"])
        #expect(bench.vault.manifests[written.id] == verified)
    }

    @Test("One that is verified is returned as it is by a drill, and proven again by verify")
    func again() async throws {
        let bench = Bench()
        let first = try await bench.backups.drill(try await bench.written().id)
        let calls = bench.server.calls.count
        #expect(try await bench.backups.drill(first.id) == first)
        #expect(bench.server.calls.count == calls)
        let second = try await bench.backups.verify(first.id)
        #expect(second.isVerified && second != first)
        #expect(bench.server.calls.count == calls + 1)
    }

    @Test("A backup that there is not, or that has nothing to restore, is refused")
    func refused() async throws {
        let bench = Bench()
        let missing = await #expect(throws: Failure.self) { try await bench.backups.drill(BackupID("b9")) }
        #expect(missing?.code == .notFound)
        for backup in [Samples.backup(2), Samples.backup(3, .dumpFailed(Samples.failure))] {
            try await bench.store.save(backup)
            for call in [bench.backups.drill, bench.backups.verify] {
                let failure = await #expect(throws: Failure.self) { try await call(backup.id) }
                #expect(failure?.code == .conflict)
            }
        }
        #expect(bench.server.calls.isEmpty)
    }

    @Test(
        "Changed, cut, lengthened or missing bytes fail it before anything is restored",
        arguments: ["the dumb", "the dum", "the dump!", nil],
    )
    func bytes(text: String?) async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.vault.put(text.map { Array($0.utf8) }, for: written.id)

        let failed = try await bench.backups.drill(written.id)

        #expect(failed.failure?.code == .backupFailed)
        #expect(failed.content == written.content)
        #expect(bench.server.calls == ["dump"])
        #expect(try await bench.state(written.id) == failed.state)
        #expect(bench.vault.manifests[written.id]?.state.name == (text == nil ? "written" : "failed"))
    }

    @Test("Bytes that change between the first look and the restore fail it")
    func changedMeanwhile() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { script in
            script.makeDrill = { bench.vault.put(Array("the dumb".utf8), for: written.id) }
        }
        let failed = try await bench.backups.drill(written.id)
        #expect(failed.failure?.message.contains("SHA-256 differs") == true)
    }

    @Test("A dump that does not restore fails it, with the words of whoever refused it")
    func notRestorable() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { $0.drill = { _ in throw Samples.failure } }
        let failed = try await bench.backups.drill(written.id)
        #expect(failed.state == .failed(Samples.failure, written.content))
    }

    @Test("A copy that differs fails it, and every difference is told")
    func differs() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { script in
            script.drill = { _ in
                var copy = ScriptedDatabaseServer.Script.restored
                copy.tables["public.shipments"]?.rows = 41
                copy.definitions["INDEX public.ix"] = nil
                return copy
            }
        }
        let failed = try await bench.backups.drill(written.id)
        #expect(
            failed.failure?.message
                == "backup b1 restores to something else: table public.shipments: 41 rows instead of 42, and 1 more"
        )
        #expect(
            failed.failure?.evidence == [
                "table public.shipments: 41 rows instead of 42", "INDEX public.ix: missing",
            ]
        )
    }

    @Test("When nothing can be found out, that is thrown and the backup stays written")
    func inconclusive() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { script in
            script.drill = { _ in throw Failure(.unreachable, "the server is away", isRetryable: true) }
        }

        let failure = await #expect(throws: Failure.self) { try await bench.backups.drill(written.id) }

        #expect(failure?.code == .unreachable)
        #expect(try await bench.state(written.id) == written.state)

        bench.server.change { $0 = ScriptedDatabaseServer.Script() }
        #expect(try await bench.backups.drill(written.id).isVerified, "and later it can be proven")
    }

    @Test("A verified backup that can't be looked at now stays verified")
    func staysVerified() async throws {
        let bench = Bench()
        let verified = try await bench.backups.drill(try await bench.written().id)
        bench.server.change { $0.drill = { _ in throw Failure(.diskFull, "no room") } }
        await #expect(throws: Failure.self) { try await bench.backups.verify(verified.id) }
        #expect(try await bench.state(verified.id) == verified.state)
    }

    @Test("A verified backup whose bytes rot is failed by a later look, and cured when they are back")
    func rot() async throws {
        let bench = Bench()
        let verified = try await bench.backups.drill(try await bench.written().id)
        bench.vault.put(Array("the dumb".utf8), for: verified.id)
        #expect(try await bench.backups.verify(verified.id).failure != nil)
        await #expect(throws: Failure.self) { try await bench.backups.drill(verified.id) }
        bench.vault.put(Samples.bytes, for: verified.id)
        #expect(try await bench.backups.verify(verified.id).isVerified)
    }

    @Test("A second drill of the same backup is refused while the first runs")
    func twoAtOnce() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.server.change { script in
            script.drill = { _ in
                let failure = await #expect(throws: Failure.self) {
                    try await bench.backups.verify(written.id)
                }
                #expect(failure?.code == .conflict)
                #expect(failure?.isRetryable == true)
                return ScriptedDatabaseServer.Script.restored
            }
        }
        #expect(try await bench.backups.drill(written.id).isVerified)
    }

    @Test("A cancelled drill says nothing of the backup")
    func cancelled() async throws {
        let bench = Bench()
        let written = try await bench.written()
        let (started, signal) = AsyncStream<Void>.makeStream()
        bench.server.change { script in
            script.drill = { _ in
                signal.yield()
                try await ContinuousClock().sleep(for: .seconds(60))
                return ScriptedDatabaseServer.Script.restored
            }
        }
        let task = Task { try await bench.backups.drill(written.id) }
        for await _ in started { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await bench.state(written.id) == written.state)
    }

    @Test("A drill that takes too long ends and says nothing of the backup")
    func deadline() async throws {
        let bench = Bench(limits: BackupLimits(drill: .milliseconds(20)))
        let written = try await bench.written()
        bench.server.change { script in
            script.drill = { _ in
                try await ContinuousClock().sleep(for: .seconds(60))
                return ScriptedDatabaseServer.Script.restored
            }
        }
        let failure = await #expect(throws: Failure.self) { try await bench.backups.drill(written.id) }
        #expect(failure?.code == .deadlineExceeded)
        #expect(try await bench.state(written.id) == written.state)
    }

    @Test("A verdict that can't be recorded is not given")
    func unrecorded() async throws {
        let bench = Bench()
        let written = try await bench.written()
        bench.store.refuse { $0.isVerified }
        await #expect(throws: Failure.self) { try await bench.backups.drill(written.id) }
        #expect(try await bench.state(written.id) == written.state)
    }
}
