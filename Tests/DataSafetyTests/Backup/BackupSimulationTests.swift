// SPDX-License-Identifier: Apache-2.0
import Core
import DataSafety
import Testing

@Suite("A backup, its drill and its copy elsewhere, with the process dying at every single call")
struct BackupSimulationTests {
    /// More calls than one backup, one drill, one copy and its proof make; see the last test.
    private static let steps = 1...60

    @Test("Recovery leaves nothing half-done and nothing good lost", arguments: steps, [false, true])
    func death(step: Int, isAfter: Bool) async throws {
        let bench = Bench()
        let process = MortalProcess(at: step, after: isAfter)
        let wasVerified = await work(MortalPorts(process: process, bench: bench).backups)

        try await expectRecovered(bench, wasVerified: wasVerified)
    }

    @Test("So it does when recovery dies too, at every call of its own", arguments: steps, 1...8)
    func deathInRecovery(step: Int, second: Int) async throws {
        let bench = Bench()
        let first = MortalPorts(process: MortalProcess(at: step, after: true), bench: bench)
        let wasVerified = await work(first.backups)
        let again = MortalPorts(process: MortalProcess(at: second), bench: bench)
        // Dies, or has nothing left to do.
        _ = try? await again.backups.recover(Samples.environment, databases: [Samples.database])

        try await expectRecovered(bench, wasVerified: wasVerified)
    }

    @Test("The steps above cover everything that a backup, a drill and a copy do")
    func coverage() async throws {
        let bench = Bench()
        let process = MortalProcess(at: nil)
        #expect(await work(MortalPorts(process: process, bench: bench).backups))
        #expect(Self.steps.contains(process.calls))
        #expect(process.calls > 10)
    }

    @Test("A fetch that dies at any call is done by the next one", arguments: 1...12, [false, true])
    func deathInFetch(step: Int, isAfter: Bool) async throws {
        let bench = Bench()
        let store = ScriptedOffsiteStores.name
        #expect(await work(bench.backups))
        let backup = try #require(try await bench.backups.list(Samples.environment).first)
        try await bench.vault.discard(backup)
        let process = MortalProcess(at: step, after: isAfter)
        let dying = MortalPorts(process: process, bench: bench).backups
        _ = try? await dying.fetch(backup.id, of: Samples.environment, from: store)
        _ = try await bench.backups.recover(Samples.environment, databases: [Samples.database])
        do {
            _ = try await bench.backups.fetch(backup.id, of: Samples.environment, from: store)
        } catch let failure as Failure {
            #expect(failure.message == "it is here already", "the first one had come to its end")
        }
        #expect(try await bench.backups.verify(backup.id).isVerified)
        #expect(bench.vault.manifests[backup.id]?.isVerified == true)
    }

    /// Makes and proves a backup as far as the process lives; whether it heard that it is verified.
    private func work(_ backups: Backups) async -> Bool {
        do {
            let backup = try await backups.create(Samples.database, because: .deployment("d1"))
            let isVerified = try await backups.drill(backup.id).isVerified
            // Whether the process lives on to hear of the copy does not matter here.
            _ = try? await backups.copyOffsite(backup.id, to: ScriptedOffsiteStores.name)
            _ = try? await backups.verifyOffsite(backup.id)
            return isVerified
        } catch {
            return false
        }
    }

    private func expectRecovered(_ bench: Bench, wasVerified: Bool) async throws {
        _ = try await bench.backups.recover(Samples.environment, databases: [Samples.database])
        let known = try await bench.backups.list(Samples.environment)

        #expect(!known.contains { $0.state.name == "started" })
        #expect(bench.server.scratchNames.isEmpty)
        #expect(!bench.lock.isHeld)
        #expect(bench.vault.dumps == Set(bench.vault.manifests.keys), "a dump has a manifest, or is gone")
        for backup in known {
            #expect((backup.content != nil) == bench.vault.dumps.contains(backup.id), "\(backup.state.name)")
        }
        #expect(!wasVerified || known.contains { $0.isVerified })
        for backup in known where backup.offsite?.isCopied == true {
            #expect(bench.offsite.backups.contains(backup.id), "what is off-site is there")
        }

        let nothing = try await bench.backups.recover(Samples.environment, databases: [Samples.database])
        #expect(nothing == BackupRecovery(), "a second recovery finds nothing to do")
        let next = try await bench.backups.create(Samples.database, because: .deployment("d1"))
        #expect(!known.map(\.id).contains(next.id))
        #expect(try await bench.backups.drill(next.id).isVerified)
        let verified = try await bench.backups.list(Samples.environment).filter(\.isVerified)
        let store = ScriptedOffsiteStores.name
        while try await bench.backups.copyNext(of: Samples.environment, to: store) != nil {}
        #expect(bench.offsite.backups.isSuperset(of: verified.map(\.id)), "what is verified gets there")
    }
}
